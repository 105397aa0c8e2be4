package io.lorica.llm.tensor;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

import org.jboss.logging.Logger;

/// Speed of matrix products on the host's processor, measured once for each type. Processors with AMX or AVX-512 BF16
/// multiply bfloat16 at least as fast as float32; on others libtorch takes many times as long.
public final class HostProducts {

    private static final Logger LOG = Logger.getLogger(HostProducts.class);
    private static final Map<ElementType, Boolean> FAST = new EnumMap<>(ElementType.class);
    /// A matrix of 4 MiB in float32, for one row as an answer's next token has, and for some as a prompt has.
    private static final int SIZE = 1024;
    private static final int ROWS_OF_A_PROMPT = 32;
    private static final int ROUNDS = 5;
    /// Half the bytes are worth a little time.
    private static final double ROOM = 1.1;

    private HostProducts() {}

    /// Tells whether products of matrices in that type take no longer than those in float32.
    public static synchronized boolean fast(ElementType type) {
        return FAST.computeIfAbsent(type, HostProducts::measure);
    }

    private static boolean measure(ElementType type) {
        if (type == ElementType.F32) {
            return true;
        }
        double next = seconds(type, 1) / seconds(ElementType.F32, 1);
        double prompt = seconds(type, ROWS_OF_A_PROMPT) / seconds(ElementType.F32, ROWS_OF_A_PROMPT);
        boolean fast = next <= ROOM && prompt <= ROOM;
        LOG.info(String.format(
                Locale.ROOT,
                "products in %s take %.1f times as long as in float32 for a token and %.1f times for a prompt: models"
                        + " in %s are %s",
                type.torchName(),
                next,
                prompt,
                type.torchName(),
                fast ? "used as they are" : "converted to float32"));
        return fast;
    }

    /// The best of some rounds, so that other work on the machine does not decide.
    private static double seconds(ElementType type, int rows) {
        try (TensorScope scope = TensorScope.open("product-speed");
                Autograd off = Autograd.off()) {
            Tensor weight =
                    scope.zeros(ElementType.F32, SIZE, SIZE).addInPlace(1).to(type);
            Tensor x = scope.zeros(ElementType.F32, rows, SIZE).addInPlace(1).to(type);
            long best = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long began = System.nanoTime();
                try (Tensor product = Tensors.linear(x, weight, null)) {
                    best = Math.min(best, System.nanoTime() - began);
                }
            }
            return Math.max(1, best) / 1e9;
        }
    }
}
