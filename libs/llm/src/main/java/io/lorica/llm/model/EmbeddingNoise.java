package io.lorica.llm.model;

import java.util.Arrays;
import java.util.List;

import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// Noise on the embeddings of a training pass (NEFTune, https://arxiv.org/abs/2310.05914): uniform in ±α / √(L · E) for
/// a sequence of L tokens. Each sequence has its own L, wherever it lies, so that neither padding nor neighbours in a
/// packed row change its noise's strength. Dimensions: B rows, T positions, E elements of a hidden state.
///
/// @param alpha α, 0 for no noise
/// @param seed decides the noise
public record EmbeddingNoise(double alpha, long seed) {

    /// No noise.
    public static final EmbeddingNoise NONE = new EmbeddingNoise(0, 0);

    /// Embeddings `(B, T, E)` with the noise; the embeddings themselves where there is none.
    Tensor addTo(Tensor embedded, SequenceLayout layout) {
        return alpha == 0 ? embedded : noisy(embedded, strengths(layout, embedded.size(2)));
    }

    /// Embeddings `(N, E)` of sequences that lie behind each other, with the noise; the embeddings themselves where
    /// there is none.
    public Tensor addTo(Tensor embedded, List<Integer> lengths) {
        if (alpha == 0) {
            return embedded;
        }
        float[] strengths = new float[(int) embedded.size(0)];
        int start = 0;
        for (int length : lengths) {
            Arrays.fill(strengths, start, start + length, strength(length, embedded.size(1)));
            start += length;
        }
        return noisy(embedded, strengths);
    }

    /// @param strengths the largest noise at each position
    private Tensor noisy(Tensor embedded, float[] strengths) {
        long[] shape = embedded.shape();
        long[] onePerPosition = shape.clone();
        onePerPosition[shape.length - 1] = 1;
        Autograd.seed(seed);
        try (TensorScope work = TensorScope.of(embedded).child("noise")) {
            Tensor noise = work.zeros(shape);
            Tensors.fillUniform(noise);
            noise.mulInPlace(work.floats(strengths, onePerPosition));
            return embedded.add(noise.to(embedded.type()));
        }
    }

    /// The largest noise at each position, 0 at padding.
    private float[] strengths(SequenceLayout layout, long size) {
        float[] strengths = new float[layout.rows() * layout.width()];
        for (SequenceLayout.Sequence sequence : layout.sequences()) {
            int start = sequence.row() * layout.width() + sequence.start();
            Arrays.fill(strengths, start, start + sequence.length(), strength(sequence.length(), size));
        }
        return strengths;
    }

    private float strength(int length, long size) {
        return (float) (alpha / Math.sqrt((double) length * size));
    }
}
