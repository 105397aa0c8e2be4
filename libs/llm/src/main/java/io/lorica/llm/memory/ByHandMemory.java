package io.lorica.llm.memory;

import java.util.Arrays;

import io.lorica.llm.fused.FusedHead;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.EightBitTokens;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionGroup;
import io.lorica.llm.model.TokenFormat;
import io.lorica.llm.quantize.WeightFormat;

/// Gradients by hand, where padding is left out.
record ByHandMemory(MemoryPlan plan) implements PassMemory {

    /// Without recomputation x, x + attention, heads, the attention's result, gates and ups; with it x alone.
    @Override
    public long kept(MemoryPlan.Load load) {
        ModelConfig config = plan.config();
        long hidden = config.hiddenSize();
        long ofLayer = switch (plan.policy()) {
            case KEEP -> 2 * hidden + config.joinedWidth() + config.queryWidth() + 2L * config.intermediateSize();
            case RECOMPUTE -> hidden;
            case OFFLOAD -> plan.host() ? hidden : 0;
        };
        return config.layers() * ofLayer * load.tokens() * plan.bytes();
    }

    /// The way back through one layer: the attention's tensors for all tokens, or the feed-forward block's
    /// for a slice, beside the gradient that flows; or the head's scores with its states, their gradients
    /// and copies.
    @Override
    public long working(MemoryPlan.Load load) {
        ModelConfig config = plan.config();
        long tokens = load.tokens();
        long hidden = config.hiddenSize();
        long once = plan.policy() == ActivationPolicy.KEEP ? 0 : hidden + config.joinedWidth() + config.queryWidth();
        long attention = tokens * (once + 3 * hidden + 2L * config.joinedWidth() + 3L * config.queryWidth());
        long slice = FusedModel.insideFeedForward(tokens);
        long feedForward = tokens * (once + 2 * hidden) + slice * (4 * hidden + 4L * config.intermediateSize());
        long head = scores(tokens) + 4 * tokens * hidden;
        return (Math.max(Math.max(attention, feedForward), head) + numbers()) * plan.bytes();
    }

    /// The way forward through one layer, or the head's scores with its states.
    @Override
    public long measuring(MemoryPlan.Load load) {
        ModelConfig config = plan.config();
        long tokens = load.tokens();
        long hidden = config.hiddenSize();
        long attention = tokens * (3 * hidden + config.joinedWidth() + 2L * config.queryWidth());
        long slice = FusedModel.insideFeedForward(tokens);
        long feedForward = tokens * 2 * hidden + slice * (hidden + 3L * config.intermediateSize());
        long head = scores(tokens) + 2 * tokens * hidden;
        return (Math.max(Math.max(attention, feedForward), head) + numbers()) * plan.bytes();
    }

    private long scores(long tokens) {
        long vocabulary = plan.config().vocabularySize();
        return Math.min(tokens, FusedHead.rowsAtOnce(vocabulary)) * vocabulary;
    }

    /// Matrices in few bits that are numbers at a time: the widest group of a layer, and a stretch of the
    /// vocabulary.
    private long numbers() {
        long ofLayer = plan.storage().weights() == WeightFormat.FULL ? 0 : largestGroup();
        long ofTokens = plan.storage().tokens() == TokenFormat.FULL ? 0 : EightBitTokens.elementsAtOnce(plan.config());
        return ofLayer + ofTokens;
    }

    private long largestGroup() {
        return Arrays.stream(ProjectionGroup.values())
                .mapToLong(group -> (long) group.outputs(plan.config()) * group.inputs(plan.config()))
                .max()
                .orElse(0);
    }
}
