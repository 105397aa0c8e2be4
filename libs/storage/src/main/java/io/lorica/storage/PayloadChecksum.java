package io.lorica.storage;

import java.security.MessageDigest;
import java.util.Base64;
import java.util.zip.CRC32C;

import io.minio.Checksum;
import io.minio.Http;

/// The checksum of one request's body, and the headers that carry it. One pass over the bytes serves the signature and
/// the store's own check. The CRC is the JDK's, which processors compute at memory speed. For one thread.
sealed interface PayloadChecksum {

    /// A checksum for the next body.
    static PayloadChecksum of(boolean signed) {
        return signed ? new Signed(Digests.sha256()) : new Unsigned(new CRC32C());
    }

    /// Counts bytes of the body.
    void update(byte[] bytes, int length);

    /// The headers of the request whose body has been counted.
    Http.Headers headers();

    /// The algorithm that a multipart upload announces.
    Checksum.Algorithm algorithm();

    /// A body that is named in the signature.
    record Signed(MessageDigest digest) implements PayloadChecksum {

        @Override
        public void update(byte[] bytes, int length) {
            digest.update(bytes, 0, length);
        }

        @Override
        public Http.Headers headers() {
            byte[] sum = digest.digest();
            Http.Headers headers = PayloadChecksum.headers(algorithm(), sum);
            headers.put(Http.Headers.X_AMZ_CONTENT_SHA256, Digests.hex(sum));
            return headers;
        }

        @Override
        public Checksum.Algorithm algorithm() {
            return Checksum.Algorithm.SHA256;
        }
    }

    /// A body that the signature leaves out; it covers the header with the CRC.
    record Unsigned(CRC32C crc) implements PayloadChecksum {

        @Override
        public void update(byte[] bytes, int length) {
            crc.update(bytes, 0, length);
        }

        @Override
        public Http.Headers headers() {
            int sum = (int) crc.getValue();
            byte[] bytes = {(byte) (sum >>> 24), (byte) (sum >>> 16), (byte) (sum >>> 8), (byte) sum};
            Http.Headers headers = PayloadChecksum.headers(algorithm(), bytes);
            headers.put(Http.Headers.X_AMZ_CONTENT_SHA256, Checksum.UNSIGNED_PAYLOAD);
            return headers;
        }

        @Override
        public Checksum.Algorithm algorithm() {
            return Checksum.Algorithm.CRC32C;
        }
    }

    private static Http.Headers headers(Checksum.Algorithm algorithm, byte[] sum) {
        Http.Headers headers = new Http.Headers();
        headers.put(algorithm.header(), Base64.getEncoder().encodeToString(sum));
        headers.put(Http.Headers.X_AMZ_SDK_CHECKSUM_ALGORITHM, algorithm.toString());
        return headers;
    }
}
