package io.lorica.models;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.storage.ObjectKey;

/// Where a base model is, read off its name.
sealed interface ModelSource {

    /// A directory of this machine.
    record Directory(Path path) implements ModelSource {}

    /// A prefix in an S3 bucket.
    record Bucket(String bucket, ObjectKey prefix) implements ModelSource {}

    /// A repository of a hub.
    ///
    /// @param repository such as `org/name`
    /// @param revision a branch, a tag or a commit
    record Hub(String repository, String revision) implements ModelSource {}

    /// The patterns of names.
    final class Forms {
        private static final Pattern S3 = Pattern.compile("s3://([a-z0-9.-]{3,63})/(.+?)/*");
        private static final Pattern HUB = Pattern.compile("(?!.*\\.\\.)([\\w.-]+/[\\w.-]+)(?:@([\\w./-]+))?");

        private Forms() {}
    }

    /// Reads a model's name.
    static ModelSource of(BaseModelId model) {
        String name = model.value();
        Matcher bucket = Forms.S3.matcher(name);
        if (bucket.matches()) {
            return new Bucket(bucket.group(1), key(name, bucket.group(2)));
        }
        if (name.startsWith("~/")) {
            return new Directory(Path.of(System.getProperty("user.home"), name.substring(2)));
        }
        Path path = Path.of(name);
        if (path.isAbsolute() || name.startsWith(".")) {
            return new Directory(path);
        }
        Matcher hub = Forms.HUB.matcher(name);
        if (hub.matches()) {
            return new Hub(hub.group(1), hub.group(2) == null ? "main" : hub.group(2));
        }
        throw noName(name);
    }

    private static ObjectKey key(String name, String prefix) {
        try {
            return new ObjectKey(prefix);
        } catch (IllegalArgumentException e) {
            throw noName(name);
        }
    }

    private static ProductException noName(String name) {
        return ProductException.forParameter(
                ErrorCode.MODEL_NOT_FOUND,
                "model",
                "'" + name
                        + "' is not the name of a base model. Give a directory such as /models/my-model, a prefix such as"
                        + " s3://bucket/my-model, or a hub repository such as org/name.");
    }
}
