package io.lorica.llm.tensor;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import ai.djl.util.cuda.CudaUtils;
import org.jboss.logging.Logger;

/// Whether the attention of cuDNN works here: tried once for each type and size of heads, since it depends on the GPU,
/// the driver and the version of cuDNN. [AttentionChoice] may keep to libtorch's own.
final class CudnnProbe {

    private static final Logger LOG = Logger.getLogger(CudnnProbe.class);
    private static final int FIRST_WORTH_IT = 90;
    private static final long TOKENS = 128;
    private static final long QUERY_HEADS = 4;
    private static final long KEY_HEADS = 2;
    // What separates two roundings to 16 bits of numbers below 4.
    private static final double LARGEST_DIFFERENCE = 0.05;
    private static final Map<Heads, Boolean> TRIED = new ConcurrentHashMap<>();

    private CudnnProbe() {}

    private record Heads(ElementType type, int size) {}

    static boolean works(ElementType type, int headSize) {
        return TRIED.computeIfAbsent(new Heads(type, headSize), CudnnProbe::tried);
    }

    private static boolean tried(Heads heads) {
        if (AttentionChoice.current() != AttentionChoice.AUTO) {
            return refused("LORICA_ATTENTION says so");
        }
        String capability =
                CudaUtils.getComputeCapability(TensorDevice.current().index());
        if (Integer.parseInt(capability) < FIRST_WORTH_IT) {
            return refused("the GPU is older than Hopper");
        }
        try (Autograd off = Autograd.off();
                TensorScope scope = TensorScope.open("cudnn-probe")) {
            double difference = difference(scope, heads);
            return difference <= LARGEST_DIFFERENCE || refused("its results are off by " + difference);
        } catch (TensorException | LinkageError missing) {
            return refused(String.valueOf(missing.getMessage()));
        }
    }

    private static boolean refused(String reason) {
        LOG.infof("attention is libtorch's own and not cuDNN's: %s", reason);
        return false;
    }

    /// The largest difference to libtorch's own, forward and backward.
    private static double difference(TensorScope scope, Heads heads) {
        FlashAttention.Sequences sequences = new FlashAttention.Sequences(List.of((int) TOKENS), 0);
        Tensor q = random(scope, heads, QUERY_HEADS);
        Tensor k = random(scope, heads, KEY_HEADS);
        Tensor v = random(scope, heads, KEY_HEADS);
        Tensor gradient = random(scope, heads, QUERY_HEADS);
        AttentionBackend own = GpuFlashAttention.of(scope, sequences);
        AttentionBackend other = new CudnnAttention(1, TOKENS);
        FlashAttention.Result expected = own.forward(q, k, v);
        FlashAttention.Result actual = other.forward(q, k, v);
        FlashAttention.Gradients right = own.backward(gradient, q, k, v, expected);
        FlashAttention.Gradients given = other.backward(gradient, q, k, v, actual);
        return Math.max(
                Math.max(difference(expected.output(), actual.output()), difference(right.query(), given.query())),
                Math.max(difference(right.key(), given.key()), difference(right.value(), given.value())));
    }

    private static double difference(Tensor expected, Tensor actual) {
        return expected.to(ElementType.F32)
                .sub(actual.to(ElementType.F32))
                .abs()
                .max()
                .toFloat();
    }

    private static Tensor random(TensorScope scope, Heads heads, long count) {
        return Tensors.normal(scope.empty(heads.type(), TOKENS, count, heads.size()), 0.5);
    }
}
