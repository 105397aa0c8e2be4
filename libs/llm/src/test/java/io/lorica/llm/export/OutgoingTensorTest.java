package io.lorica.llm.export;

import java.nio.file.Path;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.gguf.GgufWriter;
import io.lorica.gguf.TensorEncoding;
import io.lorica.llm.weights.TensorSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class OutgoingTensorTest {

    @TempDir
    private Path directory;

    @Test
    void namesATensorThatFloat16CannotHold() {
        // Given
        TensorSource source = new TensorSource(
                "lm_head.weight", new long[] {1, 2}, scope -> scope.floats(new float[] {1, 70_000}, 1, 2));
        OutgoingTensor tensor = new OutgoingTensor(source, 0);
        GgufWriter writer = new GgufWriter();
        writer.tensor(tensor.output("output.weight", TensorEncoding.F16));

        // When // Then
        assertThatThrownBy(() -> writer.write(directory.resolve("model.gguf")))
                .isInstanceOfSatisfying(
                        ProductException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL))
                .hasMessageContaining("output.weight has values beyond float16");
    }
}
