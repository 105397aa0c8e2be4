package io.lorica.llm.generate;

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
    private final Sampling sampling;
    private final Sampler sampler;
    private final StreamingText text;
    private final StopTexts stopTexts;
    private final TensorScope scope;
    private final KvCache cache;
    private final int promptTokens;
    private float[] logits;
    private int produced;
    private Optional<Integer> fed = Optional.empty();
    private boolean ended;

    /// Feeds the prompt.
    ///
    /// @param model what answers, asked for at each token: an adapter may be merged or parted between two of them
    /// @param parent the scope that the cache becomes part of
    TokenGeneration(
            Supplier<CausalLm> model,
            TensorScope parent,
            Tokenizer tokenizer,
            Set<Integer> endTokens,
            int[] prompt,
            Sampling sampling) {
        this.model = model;
        this.endTokens = endTokens;
        this.sampling = sampling;
        this.sampler = Sampler.of(sampling);
        this.text = new StreamingText(tokenizer, prompt);
        this.stopTexts = new StopTexts(sampling.stopTexts());
        this.scope = parent.child("generation");
        this.cache = model.get().newCache(scope);
        this.promptTokens = prompt.length;
        try {
            this.logits = feed(prompt);
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    @Override
    public GeneratedToken next() {
        if (ended) {
            throw new NoSuchElementException("the answer has ended");
        }
        fed.ifPresent(id -> logits = feed(id));
        int id = sampler.pick(logits);
        produced++;
        GeneratedToken token = token(id, logProbability(logits, id));
        ended = token.stop().isPresent();
        fed = Optional.of(id);
        return token;
    }

    @Override
    public int promptTokens() {
        return promptTokens;
    }

    @Override
    public void close() {
        ended = true;
        scope.close();
    }

    private GeneratedToken token(int id, double logProbability) {
        if (endTokens.contains(id)) {
            return new GeneratedToken(id, ending(), logProbability, Optional.of(StopReason.STOP));
        }
        String safe = stopTexts.add(text.add(id));
        if (stopTexts.reached()) {
            return new GeneratedToken(id, safe, logProbability, Optional.of(StopReason.STOP));
        }
        if (produced == sampling.maxTokens()
                || cache.length() + 1 >= model.get().config().contextLength()) {
            return new GeneratedToken(id, safe + ending(), logProbability, Optional.of(StopReason.LENGTH));
        }
        return new GeneratedToken(id, safe, logProbability, Optional.empty());
    }

    /// All that was held back.
    private String ending() {
        return stopTexts.add(text.end()) + stopTexts.rest();
    }

    private float[] feed(int... tokens) {
        long[] wide = IntStream.of(tokens).asLongStream().toArray();
        try (Autograd off = Autograd.off();
                TensorScope work = scope.child("decoding-step")) {
            Tensor input = work.longs(wide, 1, wide.length);
            return model.get().nextTokenLogits(input, cache).toFloatArray();
        }
    }

    private static double logProbability(float[] logits, int id) {
        float highest = logits[Sampler.GREEDY.pick(logits)];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - highest);
        }
        return logits[id] - highest - Math.log(sum);
    }
}
