package io.lorica.inference.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.lorica.llm.generate.GeneratedToken;
import io.lorica.llm.generate.Generation;
import io.lorica.llm.generate.LanguageModel;
import io.lorica.llm.generate.LoadedAdapter;
import io.lorica.llm.generate.Sampling;
import io.lorica.llm.generate.SamplingDefaults;
import io.lorica.llm.generate.StopReason;
import io.lorica.llm.tokenizer.ChatInput;

/// A model that counts: its tokens are `1 `, `2 ` and so on up to the limit of the request.
final class ScriptedModel implements LanguageModel {

    /// A prompt that cannot be answered.
    static final String BROKEN = "broken";

    /// A prompt whose answer breaks off after one token.
    static final String BREAKS_OFF = "breaks off";

    /// How many tokens of a prompt it wants to be fed at once.
    static final int CHUNK = 64;

    final List<String> loaded = new ArrayList<>();
    final List<String> freed = new ArrayList<>();
    final List<String> merges = new ArrayList<>();
    /// What was computed, in order.
    final List<String> work = Collections.synchronizedList(new ArrayList<>());

    /// Tokenising waits for it.
    volatile CountDownLatch tokenizing = new CountDownLatch(0);

    final AtomicInteger open = new AtomicInteger();
    final AtomicBoolean closed = new AtomicBoolean();

    @Override
    public String renderPrompt(ChatInput conversation, boolean continued) {
        return String.valueOf(conversation.messages().getLast().get("content"));
    }

    @Override
    public int[] tokenize(String prompt) {
        if (prompt.equals(BROKEN)) {
            throw new IllegalStateException("scripted");
        }
        try {
            tokenizing.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return prompt.chars().toArray();
    }

    @Override
    public SamplingDefaults samplingDefaults() {
        return SamplingDefaults.NONE;
    }

    @Override
    public int promptChunk() {
        return CHUNK;
    }

    @Override
    public long bytes() {
        return 0;
    }

    @Override
    public LoadedAdapter loadAdapter(Path directory) {
        String name = String.valueOf(directory.getFileName());
        loaded.add(name);
        return new Scripted(name);
    }

    /// An adapter that notes when it is freed.
    private final class Scripted implements LoadedAdapter {
        private final String name;

        Scripted(String name) {
            this.name = name;
        }

        @Override
        public long bytes() {
            return 100;
        }

        @Override
        public void close() {
            freed.add(name);
        }
    }

    @Override
    public void merge(LoadedAdapter adapter) {
        merges.add("+" + ((Scripted) adapter).name);
    }

    @Override
    public void unmerge() {
        merges.add("-");
    }

    @Override
    public Generation generate(int[] tokens, Sampling sampling, Optional<LoadedAdapter> adapter) {
        String prompt = new String(tokens, 0, tokens.length);
        open.incrementAndGet();
        return new Generation() {
            private int produced;
            private int fed;

            @Override
            public boolean feed(int count) {
                work.add("feed " + Math.min(count, prompt.length() - fed));
                fed = Math.min(prompt.length(), fed + count);
                return fed == prompt.length();
            }

            @Override
            public GeneratedToken next() {
                work.add("token");
                produced++;
                if (prompt.equals(BREAKS_OFF) && produced == 2) {
                    throw new IllegalStateException("scripted");
                }
                Optional<StopReason> stop =
                        produced == sampling.maxTokens() ? Optional.of(StopReason.LENGTH) : Optional.empty();
                return new GeneratedToken(produced, produced + " ", stop);
            }

            @Override
            public int promptTokens() {
                return prompt.length();
            }

            @Override
            public void close() {
                open.decrementAndGet();
            }
        };
    }

    @Override
    public int contextLength() {
        return Integer.MAX_VALUE;
    }

    @Override
    public String device() {
        return "none";
    }

    @Override
    public void close() {
        closed.set(true);
    }
}
