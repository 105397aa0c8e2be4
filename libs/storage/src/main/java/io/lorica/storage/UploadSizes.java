package io.lorica.storage;

/// Sizes of the requests that bring a file into an S3 server.
///
/// @param largestRequest the longest file that goes in one request
/// @param partSize the bytes of a part where there are several, at least the 5 MiB that S3 asks for
public record UploadSizes(long largestRequest, long partSize) {

    private static final long PART_SIZE = 64L << 20;
    // S3 ends at five. Within a machine one request is quickest, because no store has to put parts together.
    private static final long LARGEST_REQUEST = 4L << 30;

    public UploadSizes {
        if (largestRequest < 1 || partSize < 1) {
            throw new IllegalArgumentException(
                    "sizes of uploads are positive, not " + largestRequest + " and " + partSize);
        }
    }

    /// The sizes that suit the way to the store. A server may have to keep a signed payload in memory until it has
    /// checked it, and over a network several connections carry more than one.
    static UploadSizes suiting(StoreSettings settings) {
        boolean signed = settings.payloadSigning().signs(settings.endpoint());
        boolean near = PayloadSigning.withinThisMachine(settings.endpoint());
        return new UploadSizes(!signed && near ? LARGEST_REQUEST : PART_SIZE, PART_SIZE);
    }
}
