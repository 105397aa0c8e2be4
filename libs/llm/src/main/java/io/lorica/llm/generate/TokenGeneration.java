package io.lorica.llm.generate;

import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.KvCache;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tokenizer.StreamingText;
import io.lorica.llm.tokenizer.Tokenizer;

/// One answer: a model with its cache, a sampler, and the rules of when to stop.
final class TokenGeneration implements Generation {

    private final Supplier<CausalLm> model;
    private final Set<Integer> endTokens;
    private final int[] prompt;
    private final int maxTokens;
    private final Sampler sampler;
    private final RepetitionPenalty penalty;
    private final StreamingText text;
    private final TensorScope scope;
    private final KvCache cache;
    private float[] logits = {};
    private int promptFed;
    private int produced;
    private Optional<Integer> last = Optional.empty();
    private boolean ended;

    /// An answer of which nothing is computed yet.
    ///
    /// @param model what answers, asked for at each token: an adapter may be merged or parted between two of them
    /// @param parent the scope that the cache becomes part of
    /// @param prompt at least one token
    TokenGeneration(
            Supplier<CausalLm> model,
            TensorScope parent,
            Tokenizer tokenizer,
            Set<Integer> endTokens,
            int[] prompt,
            Sampling sampling) {
        this.model = model;
        this.endTokens = endTokens;
        this.prompt = prompt.clone();
        this.maxTokens = sampling.maxTokens();
        this.sampler = Sampler.of(sampling);
        this.penalty = new RepetitionPenalty(sampling.repetitionPenalty(), prompt);
        this.text = new StreamingText(tokenizer, prompt);
        this.scope = parent.child("generation");
        this.cache = model.get().newCache(scope);
    }

    @Override
    public boolean feed(int tokens) {
        if (promptFed < prompt.length) {
            int end = (int) Math.min(prompt.length, promptFed + (long) tokens);
            logits = compute(Arrays.copyOfRange(prompt, promptFed, end));
            promptFed = end;
        }
        return promptFed == prompt.length;
    }

    @Override
    public GeneratedToken next() {
        if (ended) {
            throw new NoSuchElementException("the answer has ended");
        }
        feed(prompt.length);
        last.ifPresent(id -> logits = compute(id));
        penalty.apply(logits);
        int id = sampler.pick(logits);
        produced++;
        penalty.see(id);
        GeneratedToken token = token(id);
        ended = token.stop().isPresent();
        last = Optional.of(id);
        return token;
    }

    @Override
    public int promptTokens() {
        return prompt.length;
    }

    /// The scores that the last token was chosen from.
    float[] logits() {
        return logits;
    }

    @Override
    public void close() {
        ended = true;
        scope.close();
    }

    private GeneratedToken token(int id) {
        if (endTokens.contains(id)) {
            return new GeneratedToken(id, text.end(), Optional.of(StopReason.STOP));
        }
        String piece = text.add(id);
        if (produced == maxTokens || cache.length() + 1 >= model.get().config().contextLength()) {
            return new GeneratedToken(id, piece + text.end(), Optional.of(StopReason.LENGTH));
        }
        return new GeneratedToken(id, piece, Optional.empty());
    }

    private float[] compute(int... tokens) {
        long[] wide = IntStream.of(tokens).asLongStream().toArray();
        try (Autograd off = Autograd.off();
                TensorScope work = scope.child("decoding-step")) {
            Tensor input = work.longs(wide, 1, wide.length);
            return model.get().nextTokenLogits(input, cache).toFloatArray();
        }
    }
}
