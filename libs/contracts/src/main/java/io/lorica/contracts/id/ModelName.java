package io.lorica.contracts.id;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// The name under which a model is called: a base model, a fine-tuned model `ft:base:org:suffix:id`, or one of its
/// checkpoints `ft:base:org:suffix:id:ckpt-step-N`. Base and suffix are labels for people; the adapter id decides.
public sealed interface ModelName {

    /// The base model without an adapter.
    record Base(BaseModelId model) implements ModelName {
        @Override
        public String toString() {
            return model.value();
        }
    }

    /// A finished adapter on its base model.
    record FineTuned(String base, String organization, String suffix, AdapterId adapter) implements ModelName {

        /// The name of the checkpoint taken after the given optimizer step.
        public Checkpoint checkpoint(int step) {
            return new Checkpoint(this, step);
        }

        @Override
        public String toString() {
            return "ft:" + base + ":" + organization + ":" + suffix + ":" + adapter;
        }
    }

    /// An adapter as it was after an optimizer step.
    record Checkpoint(FineTuned model, int step) implements ModelName {
        @Override
        public String toString() {
            return model + ":ckpt-step-" + step;
        }
    }

    /// The name as it goes over the wire.
    @JsonValue
    default String wireName() {
        return toString();
    }

    /// Reads a model name; whatever does not have the form of a fine-tuned model is taken for a base model.
    @JsonCreator
    static ModelName parse(String text) {
        Matcher matcher = Forms.FINE_TUNED.matcher(text);
        if (!matcher.matches()) {
            return new Base(new BaseModelId(text));
        }
        FineTuned model =
                new FineTuned(matcher.group(1), matcher.group(2), matcher.group(3), new AdapterId(matcher.group(4)));
        return matcher.group(5) == null ? model : model.checkpoint(Integer.parseInt(matcher.group(5)));
    }

    /// The name of a new fine-tuned model; labels are cut to what a name can carry.
    static FineTuned fineTuned(BaseModelId base, String organization, String suffix, AdapterId adapter) {
        String path = base.value().replaceAll("/+$", "");
        return new FineTuned(
                Forms.label(path.substring(path.lastIndexOf('/') + 1)),
                Forms.label(organization),
                Forms.label(suffix),
                adapter);
    }

    /// The textual forms of model names.
    final class Forms {
        private static final Pattern FINE_TUNED =
                Pattern.compile("ft:([^:]*):([^:]*):([^:]*):([a-z0-9]{8})(?::ckpt-step-(\\d{1,9}))?");

        private Forms() {}

        private static String label(String text) {
            return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]+", "-");
        }
    }
}
