package io.lorica.dataset.api;

import java.util.Optional;

import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorEnvelope;
import io.lorica.dataset.file.FileRegister;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/// The answer with a file's bytes: all of them, or the range that was asked for.
final class FileContent {

    private static final int PARTIAL = 206;
    private static final int NOT_SATISFIABLE = 416;

    private final FileRegister files;
    private final FileRecord file;

    FileContent(FileRegister files, FileRecord file) {
        this.files = files;
        this.file = file;
    }

    /// The answer to a `GET`.
    Response get(@Nullable String range, @Nullable String ifRange) {
        // A file never changes, but another one can have taken the place of what the caller has begun with.
        boolean current = ifRange == null || ifRange.strip().equals(tag());
        Optional<ByteRange> asked = current ? ByteRange.of(range, file.bytes()) : Optional.empty();
        if (asked.isEmpty()) {
            return head(Response.ok(files.open(file, 0)), file.bytes());
        }
        return asked.get().satisfiable() ? part(asked.get()) : refusal();
    }

    /// The answer to a `HEAD`, without opening the file.
    Response head() {
        return head(Response.ok(), file.bytes());
    }

    private Response part(ByteRange range) {
        String place = "bytes " + range.first() + "-" + range.last() + "/" + file.bytes();
        return head(
                Response.status(PARTIAL)
                        .entity(new FirstBytes(files.open(file, range.first()), range.length()))
                        .header("content-range", place),
                range.length());
    }

    private Response refusal() {
        String message = "The file has " + file.bytes() + " bytes, and none in that range; ask for a range within it.";
        return Response.status(NOT_SATISFIABLE)
                .header("content-range", "bytes */" + file.bytes())
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(ErrorEnvelope.of(ErrorCode.INVALID_REQUEST, message, null))
                .build();
    }

    private Response head(Response.ResponseBuilder response, long length) {
        return response.type(MediaType.APPLICATION_OCTET_STREAM_TYPE)
                .header(HttpHeaders.CONTENT_LENGTH, length)
                .header("accept-ranges", "bytes")
                .header(HttpHeaders.ETAG, tag())
                .build();
    }

    private String tag() {
        return '"' + file.sha256() + '"';
    }
}
