package io.lorica.inference.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.lorica.contracts.chat.Message;
import io.lorica.llm.generate.GeneratedToken;
import io.lorica.llm.generate.Generation;
import io.lorica.llm.generate.LanguageModel;
import io.lorica.llm.generate.LoadedAdapter;
import io.lorica.llm.generate.Sampling;
import io.lorica.llm.generate.StopReason;

/// A model that counts: its tokens are `1 `, `2 ` and so on up to the limit of the request.
final class ScriptedModel implements LanguageModel {

    /// A prompt that cannot be answered.
    static final String BROKEN = "broken";

    /// A prompt whose answer breaks off after one token.
    static final String BREAKS_OFF = "breaks off";

    final List<String> loaded = new ArrayList<>();
    final List<String> freed = new ArrayList<>();
    final List<String> merges = new ArrayList<>();
    final AtomicInteger open = new AtomicInteger();
    final AtomicBoolean closed = new AtomicBoolean();

    @Override
    public String renderPrompt(List<Message> conversation) {
        return conversation.getLast().content();
    }

    @Override
    public int countTokens(String text) {
        return text.length();
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
    public Generation generate(String prompt, Sampling sampling, Optional<LoadedAdapter> adapter) {
        if (prompt.equals(BROKEN)) {
            throw new IllegalStateException("scripted");
        }
        open.incrementAndGet();
        return new Generation() {
            private int produced;

            @Override
            public GeneratedToken next() {
                produced++;
                if (prompt.equals(BREAKS_OFF) && produced == 2) {
                    throw new IllegalStateException("scripted");
                }
                Optional<StopReason> stop =
                        produced == sampling.maxTokens() ? Optional.of(StopReason.LENGTH) : Optional.empty();
                return new GeneratedToken(produced, produced + " ", 0, stop);
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
