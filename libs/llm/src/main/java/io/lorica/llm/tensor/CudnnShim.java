package io.lorica.llm.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.stream.IntStream;

import ai.djl.pytorch.engine.PtNDManager;

/// libtorch's functions for the attention of cuDNN
/// (`torch/csrc/inductor/aoti_torch/generated/c_shim_cuda.h`). The dispatcher does not take them, because
/// some of their results are numbers.
///
/// Dimensions: S sequences, H heads, T tokens of a sequence, D elements of a head.
final class CudnnShim {

    private static final String LIBRARY = "libtorch_cuda.so";
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE;
    private static final double NO_DROPOUT = 0;
    private static final int FORWARD_RESULTS = 9;
    private static final int BACKWARD_RESULTS = 3;

    /// `(query, key, value, attn_bias*, compute_log_sumexp, dropout_p, is_causal, return_debug_mask,
    /// scale*, out[9])`
    private static final MethodHandle FORWARD;
    /// `(grad_out, query, key, value, out, logsumexp, philox_seed, philox_offset, attn_bias, cum_seq_q,
    /// cum_seq_k, max_q, max_k, dropout_p, is_causal, scale*, out[3])`
    private static final MethodHandle BACKWARD;
    /// A handle on no tensor.
    private static final long UNDEFINED;

    static {
        SymbolLookup library =
                LibTorch.loaded(LIBRARY).orElseThrow(() -> new TensorException(LIBRARY + " is not loaded"));
        var address = ValueLayout.ADDRESS;
        FORWARD = LibTorch.function(
                library,
                "aoti_torch_cuda__scaled_dot_product_cudnn_attention",
                FunctionDescriptor.of(INT, LONG, LONG, LONG, address, INT, DOUBLE, INT, INT, address)
                        .appendArgumentLayouts(addresses(FORWARD_RESULTS)));
        BACKWARD = LibTorch.function(
                library,
                "aoti_torch_cuda__scaled_dot_product_cudnn_attention_backward",
                FunctionDescriptor.of(
                                INT, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG,
                                DOUBLE, INT, address)
                        .appendArgumentLayouts(addresses(BACKWARD_RESULTS)));
        UNDEFINED = LibTorch.undefined();
    }

    private CudnnShim() {}

    /// What the way back needs.
    ///
    /// @param output `(S, H, T, D)`
    /// @param logSumExp of each row of scores, float32 `(S, H, T, 1)`
    /// @param seed of the random numbers
    /// @param offset of the random numbers
    record Forward(Tensor output, Tensor logSumExp, Tensor seed, Tensor offset) {}

    /// Causal attention: q `(S, H, T, D)`, k and v `(S, K, T, D)`. The results live where q lives.
    static Forward forward(Tensor q, Tensor k, Tensor v) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONG, FORWARD_RESULTS);
            int status = (int) FORWARD.invokeExact(
                    q.handle(),
                    k.handle(),
                    v.handle(),
                    MemorySegment.NULL,
                    1,
                    NO_DROPOUT,
                    1,
                    0,
                    MemorySegment.NULL,
                    cell(out, 0),
                    cell(out, 1),
                    cell(out, 2),
                    cell(out, 3),
                    cell(out, 4),
                    cell(out, 5),
                    cell(out, 6),
                    cell(out, 7),
                    cell(out, 8));
            LibTorch.check(status, "cuDNN attention", q, k, v);
            // The boundaries of sequences and the mask are not there; the two longest lengths are numbers.
            IntStream.of(2, 3, 8).forEach(i -> LibTorch.delete(out.getAtIndex(LONG, i)));
            return new Forward(tensor(q, out, 0), tensor(q, out, 1), tensor(q, out, 6), tensor(q, out, 7));
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }

    /// The gradients of q, k and v.
    ///
    /// @param gradient of the output, `(S, H, T, D)`
    /// @param length T
    static List<Tensor> backward(Tensor gradient, Tensor q, Tensor k, Tensor v, Forward forward, long length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONG, BACKWARD_RESULTS);
            int status = (int) BACKWARD.invokeExact(
                    gradient.handle(),
                    q.handle(),
                    k.handle(),
                    v.handle(),
                    forward.output().handle(),
                    forward.logSumExp().handle(),
                    forward.seed().handle(),
                    forward.offset().handle(),
                    UNDEFINED,
                    UNDEFINED,
                    UNDEFINED,
                    length,
                    length,
                    NO_DROPOUT,
                    1,
                    MemorySegment.NULL,
                    cell(out, 0),
                    cell(out, 1),
                    cell(out, 2));
            LibTorch.check(status, "cuDNN attention backward", q, k, v);
            return List.of(tensor(q, out, 0), tensor(q, out, 1), tensor(q, out, 2));
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }

    private static Tensor tensor(Tensor neighbour, MemorySegment out, long index) {
        return new Tensor((PtNDManager) neighbour.array().getManager(), out.getAtIndex(LONG, index));
    }

    private static MemorySegment cell(MemorySegment out, long index) {
        return out.asSlice(index * LONG.byteSize(), LONG);
    }

    private static ValueLayout[] addresses(int count) {
        return IntStream.range(0, count).mapToObj(i -> ValueLayout.ADDRESS).toArray(ValueLayout[]::new);
    }
}
