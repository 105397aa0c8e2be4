package io.lorica.dataset.api;

import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.id.FileId;
import io.lorica.dataset.catalog.RowPreview;
import io.lorica.dataset.file.FileRegister;
import io.lorica.kit.http.Caller;
import io.lorica.kit.http.Limits;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestHeader;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/// OpenAI's files API.
@Path("/v1/files")
@Tag(name = "Files")
@RunOnVirtualThread
public class FilesResource {

    private static final int PREVIEWED_ROWS = 20;
    private static final int MOST_PREVIEWED_ROWS = 1000;

    private final FileRegister files;
    private final UploadLimit limit;
    private final RowPreview preview;
    private final Caller caller;

    FilesResource(FileRegister files, UploadLimit limit, RowPreview preview, Caller caller) {
        this.files = files;
        this.limit = limit;
        this.preview = preview;
        this.caller = caller;
    }

    /// Stores a file.
    @POST
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "Upload a file")
    public Response upload(@BeanParam Upload upload) {
        var described = upload.described();
        if (!limit.allows(upload.bytes())) {
            return limit.refusal();
        }
        return Response.ok(FileView.of(files.add(upload.content(), described, caller.owner())))
                .build();
    }

    /// Lists files, newest first unless asked otherwise.
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "List files")
    public FileList list(
            @RestQuery @Nullable String limit,
            @RestQuery @Nullable String after,
            @RestQuery @Nullable String order,
            @RestQuery @Nullable String purpose) {
        return FilePage.of(limit, after, order, purpose).of(files.of(caller.owner()));
    }

    /// Tells of one file.
    @GET
    @Path("/{id}")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "Retrieve a file")
    public FileView file(@RestPath String id) {
        return FileView.of(record(id));
    }

    /// Returns a file's bytes, whatever type the caller says it accepts: OpenAI's Java client asks for
    /// `application/binary`, which no type that we could name would match.
    @GET
    @Path("/{id}/content")
    @Operation(summary = "Retrieve a file's content")
    public Response content(
            @RestPath String id,
            @RestHeader("Range") @Nullable String range,
            @RestHeader("If-Range") @Nullable String ifRange) {
        return new FileContent(files, record(id)).get(range, ifRange);
    }

    /// Tells how long a file's content is.
    @HEAD
    @Path("/{id}/content")
    @Operation(hidden = true)
    public Response contentHead(@RestPath String id) {
        return new FileContent(files, record(id)).head();
    }

    /// Tells what would become of a file's first rows in training: Lorica's own addition to OpenAI's calls.
    @GET
    @Path("/{id}/rows")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "Judge the first rows of a file")
    public RowView.Page rows(
            @RestPath String id, @RestQuery @Nullable String limit, @RestQuery("train_on") @Nullable String trainOn) {
        int count = Limits.read(limit, PREVIEWED_ROWS, MOST_PREVIEWED_ROWS);
        return RowView.page(preview.first(record(id), count, TrainOn.read(trainOn)));
    }

    /// Removes a file.
    @DELETE
    @Path("/{id}")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(summary = "Delete a file")
    public DeletedFile delete(@RestPath String id) {
        FileRecord file = record(id);
        files.delete(file);
        return DeletedFile.of(file.id());
    }

    private FileRecord record(String id) {
        if (!FileId.matches(id)) {
            throw FileRegister.absent(id);
        }
        return files.get(new FileId(id), caller.owner());
    }
}
