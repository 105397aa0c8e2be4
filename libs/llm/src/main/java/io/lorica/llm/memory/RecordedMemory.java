package io.lorica.llm.memory;

import java.util.Arrays;
import java.util.stream.Stream;

import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.AdapterRoom;
import io.lorica.llm.model.EightBitTokens;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionGroup;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.model.TokenFormat;
import io.lorica.llm.model.TokenMatrix;
import io.lorica.llm.quantize.WeightFormat;

/// Gradients by automatic differentiation, which keeps what the operations of `DecoderLayer` save; padding passes like
/// tokens.
///
/// @param saved bytes that a token leaves in all layers
/// @param whole elements of tensors that are trained whole
record RecordedMemory(MemoryPlan plan, long saved, long whole) implements PassMemory {

    /// Scores in float32 and the logarithms of their softmax; where it is gone back, the gradients of both.
    private static final int MEASURED_SCORE = 2 * Float.BYTES;
    private static final int TRAINED_SCORE = 4 * Float.BYTES;

    static RecordedMemory of(MemoryPlan plan) {
        return new RecordedMemory(plan, savedOfLayers(plan), MemoryForecast.wholeElements(plan));
    }

    @Override
    public long kept(MemoryPlan.Load load) {
        ModelConfig config = plan.config();
        long inputs = (long) config.layers() * config.hiddenSize() * plan.bytes();
        return mask(load)
                + load.padded()
                        * switch (plan.policy()) {
                            case KEEP -> saved;
                            case RECOMPUTE -> inputs;
                            case OFFLOAD -> plan.host() ? inputs : 0;
                        };
    }

    @Override
    public long working(MemoryPlan.Load load) {
        long backward = 3L * Math.max(config().intermediateSize(), config().queryWidth()) + 3L * config().hiddenSize();
        long onceMore = plan.policy() == ActivationPolicy.KEEP ? 0 : saved / config().layers();
        long layer = Math.max(temporaries(), onceMore + backward * plan.bytes()) * load.padded();
        return Math.max(layer + numbersOfLayer() + rowLengths(), scores(load, TRAINED_SCORE)) + wholeTensors();
    }

    @Override
    public long measuring(MemoryPlan.Load load) {
        long numbers = plan.storage().weights() == WeightFormat.FULL ? 0 : largestMatrix() * plan.bytes();
        long layer = temporaries() * load.padded() + numbers + rowLengths();
        return mask(load) + Math.max(layer, scores(load, MEASURED_SCORE));
    }

    /// Of a token in all layers: both norms' input in float32; what each adapted product read; queries, keys and values
    /// of all heads with the attention's result; gate, its activation and up.
    private static long savedOfLayers(MemoryPlan plan) {
        ModelConfig config = plan.config();
        AdapterRoom room = AdapterParameters.room(config, plan.lora());
        long norms = 2L * config.hiddenSize() * Float.BYTES;
        long others = (4L * config.queryWidth() + 3L * config.intermediateSize()) * plan.bytes();
        long saved = config.layers() * (norms + others);
        for (int layer = 0; layer < config.layers(); layer++) {
            for (ProjectionGroup group : ProjectionGroup.values()) {
                saved += room.columns(layer, group) > 0 ? savedOfInput(plan, group) : 0;
            }
        }
        return saved;
    }

    private static long savedOfInput(MemoryPlan plan, ProjectionGroup group) {
        long elements = group.inputs(plan.config());
        // The attention's result is kept for its own way back already.
        long input = group == ProjectionGroup.ATTENTION_OUTPUT ? 0 : elements * plan.bytes();
        // A dropped input of each projection's own, and one byte for each element that says whether it was.
        long dropped = plan.lora().dropout() > 0 ? group.kinds().size() * elements * (plan.bytes() + 1) : 0;
        long directions = plan.lora().extras().dora() ? (long) group.outputs(plan.config()) * plan.bytes() : 0;
        return input + dropped + directions;
    }

    /// Of a token, while a layer goes forward: every result lives until the layer is done. A norm makes five, two of
    /// them in float32; a projection three of its outputs' size; a rotation four of its heads' size.
    private long temporaries() {
        long hidden = config().hiddenSize();
        long groups = Stream.of(ProjectionGroup.values())
                .mapToLong(group -> 3L * group.outputs(config()))
                .sum();
        long query = config().queryWidth();
        long attention = 4 * (query + config().keyWidth()) + 3 * query + 2 * hidden;
        long norms = 2 * hidden * (2 * Float.BYTES + 2L * plan.bytes());
        return norms + (groups + attention + 2L * config().intermediateSize()) * plan.bytes();
    }

    /// What each position may see, where sequences share rows: float32 at first.
    private long mask(MemoryPlan.Load load) {
        return load.shared() ? load.padded() * load.width() * (Float.BYTES + plan.bytes()) : 0;
    }

    private long scores(MemoryPlan.Load load, int ofScore) {
        long rows = Math.clamp(TokenMatrix.RECORDED_SCORES / config().vocabularySize(), 1, load.tokens());
        long stretch = plan.storage().tokens() == TokenFormat.FULL
                ? 0
                : EightBitTokens.elementsAtOnce(config()) * plan.bytes();
        return rows * config().vocabularySize() * (ofScore + narrowCopy()) + stretch;
    }

    /// A recorded product keeps the numbers of its matrix until the layer's way back is done.
    private long numbersOfLayer() {
        return plan.storage().weights() == WeightFormat.FULL
                ? 0
                : Arrays.stream(ProjectionGroup.values())
                                .mapToLong(group -> (long) group.outputs(config()) * group.inputs(config()))
                                .sum()
                        * plan.bytes();
    }

    /// DoRA's lengths of rows: the change, it scaled, the merged matrix and its squares, in float32.
    private long rowLengths() {
        return plan.lora().extras().dora() ? largestMatrix() * (4L * Float.BYTES + plan.bytes()) : 0;
    }

    /// Tensors that are trained whole: the newest gradient, and a copy in the type that is computed in.
    private long wholeTensors() {
        return whole * (Float.BYTES + narrowCopy());
    }

    /// Bytes of what is there in float32 too, in the type that is computed in; none where that is the same.
    private int narrowCopy() {
        return plan.bytes() < Float.BYTES ? plan.bytes() : 0;
    }

    private long largestMatrix() {
        return Arrays.stream(ProjectionKind.values())
                .mapToLong(kind -> (long) config().outputs(kind) * config().inputs(kind))
                .max()
                .orElse(0);
    }

    private ModelConfig config() {
        return plan.config();
    }
}
