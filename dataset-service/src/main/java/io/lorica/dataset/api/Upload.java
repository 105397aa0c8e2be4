package io.lorica.dataset.api;

import java.nio.file.Path;
import java.time.Duration;

import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.dataset.file.JsonLinesCheck;
import io.lorica.dataset.file.NewFile;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.multipart.FileUpload;
import org.jspecify.annotations.Nullable;

/// The parts of an upload; the file's bytes already lie on disk.
class Upload {

    @RestForm("file")
    @Nullable
    FileUpload file;

    @RestForm("purpose")
    @Nullable
    String purpose;

    @RestForm("expires_after[anchor]")
    @Nullable
    String anchor;

    @RestForm("expires_after[seconds]")
    @Nullable
    String seconds;

    /// Where the bytes lie.
    Path content() {
        return part().uploadedFile();
    }

    /// How many bytes there are.
    long bytes() {
        return part().size();
    }

    /// What the caller says of the file, checked.
    NewFile described() {
        FileUpload part = part();
        NewFile described = new NewFile(filename(part), known(purpose), lifetime());
        if (part.size() == 0) {
            throw ProductException.forParameter(
                    ErrorCode.EMPTY_FILE,
                    "file",
                    "The file '" + described.filename() + "' is empty; upload some rows.");
        }
        if (described.purpose() == FilePurpose.FINE_TUNE) {
            JsonLinesCheck.check(part.uploadedFile(), described.filename());
        }
        return described;
    }

    private FileUpload part() {
        if (file == null) {
            throw invalid("file", "The part 'file' is missing; send the file as multipart/form-data with a file name.");
        }
        return file;
    }

    // Some browsers send a path; only its last part is a name.
    private static String filename(FileUpload part) {
        String name = part.fileName() == null ? "" : part.fileName().replaceAll("\\p{Cntrl}", "");
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        return last.isBlank() ? "upload" : last;
    }

    private static FilePurpose known(@Nullable String name) {
        if (name == null) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_PURPOSE,
                    "purpose",
                    "The part 'purpose' is missing; for training it is fine-tune.");
        }
        return FilePurpose.of(name).orElseThrow(() -> Purposes.unknown(name));
    }

    private @Nullable Duration lifetime() {
        if (anchor == null && seconds == null) {
            return null;
        }
        if (!"created_at".equals(anchor)) {
            throw invalid("expires_after[anchor]", "expires_after[anchor] must be created_at.");
        }
        try {
            return Duration.ofSeconds(Long.parseLong(seconds == null ? "" : seconds));
        } catch (NumberFormatException e) {
            throw invalid("expires_after[seconds]", "expires_after[seconds] must be a whole number of seconds.");
        }
    }

    private static ProductException invalid(String parameter, String message) {
        return ProductException.forParameter(ErrorCode.INVALID_REQUEST, parameter, message);
    }
}
