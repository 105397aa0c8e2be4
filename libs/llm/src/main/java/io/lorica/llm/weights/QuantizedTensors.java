package io.lorica.llm.weights;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.layout.StoredQuantization;

/// The weights of a checkpoint that was quantised before: its matrices under their names, with the shapes that they
/// had, and without the tensors that only serve them.
final class QuantizedTensors implements ModelWeightFiles {

    private final ModelWeightFiles files;
    private final StoredQuantization form;
    private final Set<String> names;

    private QuantizedTensors(ModelWeightFiles files, StoredQuantization form, Predicate<String> auxiliary) {
        this.files = files;
        this.form = form;
        this.names = new LinkedHashSet<>(files.names());
        this.names.removeIf(auxiliary);
    }

    /// The weights of files in that form, which are closed with them.
    static ModelWeightFiles of(ModelWeightFiles files, StoredQuantization form) {
        return switch (form) {
            case StoredQuantization.None _ -> files;
            case StoredQuantization.Bitsandbytes _ -> new QuantizedTensors(files, form, BitsandbytesCodes::auxiliary);
            case StoredQuantization.Float8 _ -> new QuantizedTensors(files, form, Float8Codes::auxiliary);
        };
    }

    @Override
    public Set<String> names() {
        return names;
    }

    @Override
    public Optional<StoredTensor> tensor(String name) {
        if (!names.contains(name)) {
            return Optional.empty();
        }
        return coded(name).or(() -> files.tensor(name));
    }

    @Override
    public void close() {
        files.close();
    }

    /// A tensor as it lies in the file.
    Optional<MappedTensor> mapped(String name) {
        return files.tensor(name).map(MappedTensor.class::cast);
    }

    /// A tensor as it lies in the file, which must be there.
    MappedTensor required(String name) {
        return mapped(name).orElseThrow(() -> unusable("its tensor " + name + " is missing"));
    }

    ProductException damaged(String name) {
        return unusable("the sizes of what belongs to its tensor " + name + " do not fit each other");
    }

    ProductException unknown(String name, String reason) {
        return unusable("its tensor " + name + " cannot be read, for " + reason);
    }

    private Optional<StoredTensor> coded(String name) {
        return switch (form) {
            case StoredQuantization.None _ -> Optional.empty();
            case StoredQuantization.Bitsandbytes _ -> new BitsandbytesCodes(this).matrix(name);
            case StoredQuantization.Float8 float8 -> new Float8Codes(this, float8).matrix(name);
        };
    }

    private static ProductException unusable(String reason) {
        return ProductException.of(
                ErrorCode.UNSUPPORTED_MODEL,
                "The model's quantised weights cannot be used: " + reason + ". Fetch the model again.");
    }
}
