package io.lorica.llm.fused;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.RotaryAngles;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.FlashAttention;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// The parts of a step in which everything is kept, each measured alone at the shapes of the first layer.
/// Operations and bytes are counted as if each tensor were read and written once: what a perfect kernel
/// could not do without. Dimensions: N tokens, E elements of a hidden state, I elements inside the
/// feed-forward block, H query heads, K key and value heads, D elements of a head, V tokens of the
/// vocabulary.
public final class StepParts {

    private static final double DEVIATION = 0.1;
    /// Scores, the weighted sum, and on the way back five products in place of two.
    private static final int PRODUCTS_FORWARD = 2;
    private static final int PRODUCTS_BACK = 5;

    private final FusedModel model;
    private final ModelConfig config;
    private final FusedLayer layer;
    private final long sequences;
    private final long length;
    private final long tokens;
    private final double longEnough;
    private final int bytes;
    private final List<Part> parts = new ArrayList<>();

    /// One part.
    ///
    /// @param name what it computes
    /// @param calls how often a step does
    /// @param seconds of one call
    /// @param operations floating-point operations of one call, two for each multiplication with its addition
    /// @param bytes what one call reads and writes
    public record Part(String name, int calls, double seconds, double operations, double bytes) {

        /// The least time that a device can take for one call.
        ///
        /// @param operationsPerSecond of large products
        /// @param bytesPerSecond of large copies
        public double floor(double operationsPerSecond, double bytesPerSecond) {
            return Math.max(operations / operationsPerSecond, bytes / bytesPerSecond);
        }
    }

    private StepParts(FusedModel model, int sequences, int length, double longEnough) {
        this.model = model;
        this.config = model.base().config();
        this.layer = model.layers().getFirst();
        this.sequences = sequences;
        this.length = length;
        this.tokens = (long) sequences * length;
        this.longEnough = longEnough;
        this.bytes = model.base().type().bytes();
    }

    /// Measures them.
    ///
    /// @param scope what owns the memory on the way
    /// @param sequences how many sequences a step has
    /// @param length tokens of each
    /// @param longEnough seconds that a row of calls takes at least
    public static List<Part> measure(
            TensorScope scope, FusedModel model, int sequences, int length, double longEnough) {
        StepParts parts = new StepParts(model, sequences, length, longEnough);
        try (Autograd off = Autograd.off();
                TensorScope work = scope.child("parts")) {
            parts.betweenProducts(work);
            parts.attention(work);
            parts.group(work, "query, key and value", parts.layer.attention().input(), false);
            parts.group(work, "output", parts.layer.attention().output(), false);
            parts.group(work, "gate and up", parts.layer.feedForward().input(), false);
            parts.group(work, "down", parts.layer.feedForward().output(), true);
            parts.head(work);
        }
        return List.copyOf(parts.parts);
    }

    private void betweenProducts(TensorScope scope) {
        try (TensorScope work = scope.child("between")) {
            Kernels kernels = model.kernels();
            double hidden = (double) tokens * config.hiddenSize() * bytes;
            double inner = (double) tokens * config.intermediateSize() * bytes;
            Tensor x = random(work, tokens, config.hiddenSize());
            Tensor out = random(work, tokens, config.hiddenSize());
            Tensor inverse = work.empty(ElementType.F32, tokens);
            Tensor gain = layer.attention().gain();
            add("norm", 4, () -> kernels.rmsNorm(x, gain, config.normEpsilon(), out, inverse), 0, 2 * hidden);
            add("norm, back", 2, () -> kernels.rmsNormBackward(x, x, gain, inverse, out), 0, 4 * hidden);
            Tensor gateUp = random(work, tokens, 2L * config.intermediateSize());
            Tensor activated = random(work, tokens, config.intermediateSize());
            add("swish and gate", 1, () -> kernels.swiGlu(gateUp, activated), 0, 3 * inner);
            add(
                    "swish and gate, back",
                    1,
                    () -> kernels.swiGluBackward(activated, gateUp, gateUp, activated),
                    0,
                    6 * inner);
        }
    }

    private void attention(TensorScope scope) {
        try (TensorScope work = scope.child("attention")) {
            long[] positions =
                    LongStream.range(0, tokens).map(token -> token % length).toArray();
            RotaryAngles angles = model.angles().of(work, work.longs(positions, tokens), Math.toIntExact(length));
            Heads heads = new Heads(random(work, tokens, config.joinedWidth()), config);
            Tensor turned = heads.queryAndKey();
            double query = (double) tokens * config.queryWidth() * bytes;
            double all = (double) tokens * config.joinedWidth() * bytes;
            add(
                    "rotation",
                    2,
                    () -> model.kernels().rotate(turned, turned, angles.cos(), angles.sin(), false),
                    0,
                    2.0 * (all - (double) tokens * config.keyWidth() * bytes));
            FlashAttention flash = new FlashAttention(
                    work,
                    Collections.nCopies(Math.toIntExact(sequences), Math.toIntExact(length)),
                    config.windows().getFirst(),
                    model.base().type(),
                    config.headSize());
            Tensor q = heads.query();
            Tensor k = heads.key();
            Tensor v = heads.value();
            // Half of the scores are seen.
            double product = (double) tokens * length * config.queryWidth();
            add("attention", 1, () -> discard(flash.forward(q, k, v)), PRODUCTS_FORWARD * product, query + all);
            FlashAttention.Result result = flash.forward(q, k, v);
            Tensor gradient = random(work, tokens, config.heads(), config.headSize());
            add(
                    "attention, back",
                    1,
                    () -> discard(flash.backward(gradient, q, k, v, result)),
                    PRODUCTS_BACK * product,
                    2 * query + 2 * all);
        }
    }

    /// @param withRoom whether the gradient comes with room behind it
    private void group(TensorScope scope, String name, AdapterGroup group, boolean withRoom) {
        try (TensorScope work = scope.child("group")) {
            int count = Math.toIntExact(tokens);
            Augmented x = group.input(work, count);
            Tensors.normal(x.whole(), DEVIATION);
            Augmented y = Augmented.of(
                    random(work, tokens, (long) group.outputs() + (withRoom ? group.room() : 0)), group.outputs());
            double weight = (double) group.inputs() * group.outputs() * bytes;
            double into = (double) tokens * group.inputs() * bytes;
            double outOf = (double) tokens * group.outputs() * bytes;
            double product = 2.0 * tokens * group.inputs() * group.outputs();
            double small = 2.0 * tokens * group.room();
            add(name + ": A·x", 2, () -> group.complete(x), small * group.inputs(), into);
            add(name, 1, () -> group.forward(work, x).close(), product, weight + into + outOf);
            Tensor inner = random(work, tokens, group.room());
            add(
                    name + ", back",
                    1,
                    () -> inScope(work, own -> {
                        if (withRoom) {
                            group.inputGradient(own, y);
                        } else {
                            group.inputGradient(own, y.inputs());
                        }
                    }),
                    product + small * group.inputs(),
                    weight + into + outOf);
            add(
                    name + ": gradients of A and B",
                    1,
                    () -> inScope(work, own -> group.collect(own, y.inputs(), inner, x)),
                    small * (group.inputs() + group.outputs()),
                    into + outOf);
        }
    }

    private void head(TensorScope scope) {
        try (TensorScope work = scope.child("head")) {
            Tensor states = random(work, tokens, config.hiddenSize());
            Tensor targets = work.longs(new long[Math.toIntExact(tokens)], tokens);
            Tensor weights = work.zeros(tokens).addInPlace(1);
            double matrix = (double) config.vocabularySize() * config.hiddenSize() * bytes;
            parts.add(new Part(
                    "head with loss, forward and back",
                    1,
                    seconds(work, () -> inScope(work, own -> FusedHead.of(own, model, states, targets, weights))),
                    4.0 * tokens * config.vocabularySize() * config.hiddenSize(),
                    2 * matrix + 2.0 * tokens * config.hiddenSize() * bytes));
        }
    }

    /// What is done in a scope of its own.
    private interface Work {
        void in(TensorScope scope);
    }

    private static void inScope(TensorScope scope, Work work) {
        try (TensorScope own = scope.child("part")) {
            work.in(own);
        }
    }

    private static void discard(FlashAttention.Result result) {
        result.output().close();
        result.kept().forEach(Tensor::close);
    }

    private static void discard(FlashAttention.Gradients gradients) {
        gradients.query().close();
        gradients.key().close();
        gradients.value().close();
    }

    private void add(String name, int ofLayer, Runnable work, double operations, double traffic) {
        double seconds = seconds(TensorScope.of(layer.attention().gain()), work);
        parts.add(new Part(name, ofLayer * config.layers(), seconds, operations, traffic));
    }

    /// The time of one call, where so many follow each other that waiting for the device counts for nothing.
    private double seconds(TensorScope scope, Runnable work) {
        try (Tensor probe = scope.zeros(1)) {
            work.run();
            probe.toFloatArray();
            for (int times = 2; ; times *= 2) {
                long started = System.nanoTime();
                IntStream.range(0, times).forEach(_ -> work.run());
                probe.toFloatArray();
                double taken = (System.nanoTime() - started) / 1e9;
                if (taken > longEnough) {
                    return taken / times;
                }
            }
        }
    }

    private Tensor random(TensorScope scope, long... shape) {
        return Tensors.normal(scope.empty(model.base().type(), shape), DEVIATION);
    }
}
