package io.lorica.llm.tensor;

import java.util.List;

/// Causal attention within sequences that lie one behind the other, forward and backward by hand, without a matrix of
/// scores in memory (https://arxiv.org/abs/2307.08691). Nothing is recorded.
///
/// Dimensions: N tokens of all sequences, H query heads, K key and value heads (a divisor of H), D elements of a head.
public final class FlashAttention {

    private static final int LARGEST_HEAD = 256;
    private static final int HEAD_MULTIPLE = 8;

    private final AttentionBackend backend;

    /// What the way back needs, in the scope of q.
    ///
    /// @param output `(N, H, D)`
    /// @param kept further tensors, which only this class understands
    public record Result(Tensor output, List<Tensor> kept) {

        public Result {
            kept = List.copyOf(kept);
        }
    }

    /// Gradients of queries `(N, H, D)`, keys and values `(N, K, D)`.
    public record Gradients(Tensor query, Tensor key, Tensor value) {}

    /// Attention within sequences.
    ///
    /// @param scope where what all calls share lives
    /// @param lengths the length of each sequence
    /// @param window how many positions a position sees, itself included; 0 for all before it
    /// @param type the type of queries, keys and values
    /// @param headSize D
    public FlashAttention(TensorScope scope, List<Integer> lengths, int window, ElementType type, int headSize) {
        this(backend(scope, new Sequences(lengths, window), type, headSize));
    }

    private FlashAttention(AttentionBackend backend) {
        this.backend = backend;
    }

    /// Attention on a GPU within sequences that are only told when it runs.
    ///
    /// @param boundaries where each sequence begins, and where the last ends, int32; some may be empty
    /// @param longest the most tokens that one may have
    /// @param window how many positions a position sees, itself included; 0 for all before it
    public static FlashAttention between(Tensor boundaries, int longest, int window) {
        return new FlashAttention(GpuFlashAttention.of(boundaries, longest, window));
    }

    /// softmax(q · kᵀ / √D) · v, each position seeing those up to itself.
    ///
    /// @param q `(N, H, D)`
    /// @param k `(N, K, D)`
    /// @param v `(N, K, D)`
    public Result forward(Tensor q, Tensor k, Tensor v) {
        return backend.forward(q, k, v);
    }

    /// The gradients of what [#forward] was given.
    ///
    /// @param gradient of the output, `(N, H, D)`
    public Gradients backward(Tensor gradient, Tensor q, Tensor k, Tensor v, Result result) {
        return backend.backward(gradient, q, k, v, result);
    }

    /// Sequences one behind the other.
    ///
    /// @param lengths the length of each
    /// @param window how many positions a position sees, itself included; 0 for all before it
    record Sequences(List<Integer> lengths, int window) {

        Sequences {
            lengths = List.copyOf(lengths);
            window = window >= longest(lengths) ? 0 : window;
        }

        long longest() {
            return longest(lengths);
        }

        private static int longest(List<Integer> lengths) {
            return lengths.stream().mapToInt(Integer::intValue).max().orElse(0);
        }

        /// Whether all are equally long.
        boolean even() {
            return lengths.stream().allMatch(length -> length == longest());
        }

        /// Where each begins, and where the last ends, as int32.
        Tensor boundaries(TensorScope scope) {
            long[] ends = new long[lengths.size() + 1];
            for (int i = 0; i < lengths.size(); i++) {
                ends[i + 1] = ends[i] + lengths.get(i);
            }
            return scope.longs(ends, ends.length).to(ElementType.I32);
        }
    }

    /// Whether this process has it for such heads: always on the CPU; on a GPU from Ampere on, in 16 bits.
    public static boolean available(ElementType type, int headSize) {
        TensorDevice device = TensorDevice.current();
        boolean fits = headSize <= LARGEST_HEAD && headSize % HEAD_MULTIPLE == 0;
        return !device.gpu() || (type.bytes() == Short.BYTES && device.hasBrainFloat() && fits);
    }

    /// Whose implementation such heads get, in words.
    public static String words(ElementType type, int headSize) {
        boolean cudnn = TensorDevice.current().gpu() && CudnnProbe.works(type, headSize);
        return cudnn
                ? "cuDNN's where sequences are equally long, else libtorch's flash attention"
                : "libtorch's flash attention";
    }

    private static AttentionBackend backend(TensorScope scope, Sequences sequences, ElementType type, int headSize) {
        if (!available(type, headSize)) {
            throw new TensorException("there is no flash attention for " + type.torchName() + " heads of " + headSize
                    + " on " + TensorDevice.current());
        }
        if (!TensorDevice.current().gpu()) {
            return CpuAttention.of(scope, sequences, type);
        }
        return CudnnAttention.suits(sequences, type, headSize)
                ? new CudnnAttention(sequences.lengths().size(), sequences.longest())
                : GpuFlashAttention.of(scope, sequences);
    }
}
