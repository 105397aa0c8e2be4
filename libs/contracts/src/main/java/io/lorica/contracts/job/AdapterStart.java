package io.lorica.contracts.job;

import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;

/// How a new adapter's A and B begin, PEFT's `init_lora_weights`.
///
/// @param method where their values come from
/// @param iterations rounds of an approximation: of PiSSA's fast singular values (null for exact ones), or of LoftQ
///     (null for 1)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AdapterStart(Method method, @Nullable Integer iterations) {

    /// PEFT's default.
    public static final AdapterStart DEFAULTS = new AdapterStart(Method.KAIMING, null);

    /// Where the values come from.
    public enum Method {
        /// A uniform after He et al., B zero; PEFT's `true`.
        KAIMING,
        /// A normal with standard deviation 1 / r, B zero.
        GAUSSIAN,
        /// The base weight's principal singular vectors, whose share leaves it (https://arxiv.org/abs/2404.02948).
        PISSA,
        /// What quantisation takes from the base weight (https://arxiv.org/abs/2310.08659).
        LOFTQ;

        /// The name as it goes over the wire.
        @JsonValue
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        @JsonCreator
        static Method fromWire(String wireName) {
            return valueOf(wireName.toUpperCase(Locale.ROOT));
        }
    }

    public AdapterStart {
        if (iterations != null && iterations < 1) {
            throw new IllegalArgumentException(
                    "init_lora_weights has " + iterations + " iterations; it must have at least 1");
        }
        if (iterations != null && (method == Method.KAIMING || method == Method.GAUSSIAN)) {
            throw new IllegalArgumentException("init_lora_weights takes iterations for pissa and loftq only");
        }
    }
}
