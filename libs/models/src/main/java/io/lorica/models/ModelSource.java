package io.lorica.models;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.gguf.GgufNames;
import io.lorica.storage.ObjectKey;
import org.jspecify.annotations.Nullable;

/// Where a base model is, read off its name.
sealed interface ModelSource {

    /// A directory of this machine, or a GGUF file.
    record Local(Path path) implements ModelSource {}

    /// A prefix in an S3 bucket, or a GGUF file there.
    record Bucket(String bucket, ObjectKey key) implements ModelSource {

        /// Whether it is a file.
        boolean file() {
            return GgufNames.isGguf(key.value());
        }
    }

    /// A repository of a hub, or a GGUF file of one.
    ///
    /// @param repository such as `org/name`
    /// @param file the GGUF file's path in it, null where the whole repository is the model
    /// @param revision a branch, a tag or a commit
    record Hub(String repository, @Nullable String file, String revision) implements ModelSource {

        /// The same revision of the same repository with another file of it named, or none.
        Hub naming(@Nullable String other) {
            return new Hub(repository, other, revision);
        }
    }

    /// The patterns of names.
    final class Forms {
        private static final Pattern S3 = Pattern.compile("s3://([a-z0-9.-]{3,63})/(.+?)/*");
        private static final Pattern HUB = Pattern.compile(
                "(?!.*\\.\\.)([\\w.-]+/[\\w.-]+)(?:/((?:[\\w.+-]+/)*[\\w.+-]+\\.(?i:gguf)))?(?:@([\\w./-]+))?");

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
            return new Local(Path.of(System.getProperty("user.home"), name.substring(2)));
        }
        Path path = Path.of(name);
        if (path.isAbsolute() || name.startsWith(".")) {
            return new Local(path);
        }
        Matcher hub = Forms.HUB.matcher(name);
        if (hub.matches()) {
            return new Hub(hub.group(1), hub.group(2), hub.group(3) == null ? "main" : hub.group(3));
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
                        + " s3://bucket/my-model, a hub repository such as org/name, or a .gguf file in one of them.");
    }
}
