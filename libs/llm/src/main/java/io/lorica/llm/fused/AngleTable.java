package io.lorica.llm.fused;

import java.util.Arrays;

import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.RotaryAngles;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// The angles of positions, computed on the host once and kept on the device: a device that waits for those
/// of 4,096 tokens could compute several layers meanwhile. Dimensions: N tokens, D elements of a head.
final class AngleTable implements AutoCloseable {

    private static final int FEWEST = 1024;

    private final CausalLm base;
    private final TensorScope scope;
    private float[] frequencies;
    private int positions;
    private RotaryAngles table;

    /// @param parent what will own the memory
    AngleTable(CausalLm base, TensorScope parent) {
        this.base = base;
        this.scope = parent.child("angles");
        this.frequencies = base.rotaryFrequencies(1);
        this.positions = FEWEST;
        this.table = base.angles(scope, FEWEST, 1);
    }

    /// The angles of tokens, each float32 `(N, D/2)`.
    ///
    /// @param places the position of each token in its sequence, int64 `(N)`
    /// @param longest how many positions the longest sequence has
    RotaryAngles of(TensorScope work, Tensor places, int longest) {
        require(longest);
        return new RotaryAngles(
                Tensors.rows(work.borrow(table.cos()), places), Tensors.rows(work.borrow(table.sin()), places));
    }

    private void require(int longest) {
        float[] wanted = base.rotaryFrequencies(longest);
        if (longest <= positions && Arrays.equals(wanted, frequencies)) {
            return;
        }
        table.cos().close();
        table.sin().close();
        frequencies = wanted;
        // Grown by doubling, so that rows of ever greater length do not each compute all of them.
        positions = Math.max(positions, Integer.highestOneBit(longest - 1) * 2);
        table = base.angles(scope, positions, longest);
    }

    @Override
    public void close() {
        scope.close();
    }
}
