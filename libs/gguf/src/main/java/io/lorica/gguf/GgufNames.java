package io.lorica.gguf;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// What the names of GGUF files tell, before one of them is read.
public final class GgufNames {

    private static final String ENDING = ".gguf";
    // What llama.cpp's gguf-split calls the parts of a model; one of one is whole.
    private static final Pattern PART = Pattern.compile("(?i).*-\\d{5}-of-(?!00001)\\d{5}\\.gguf");

    private GgufNames() {}

    /// Whether a file of that name is GGUF.
    public static boolean isGguf(String name) {
        return name.toLowerCase(Locale.ROOT).endsWith(ENDING);
    }

    /// The only GGUF file among files, empty where there is none.
    ///
    /// @param place what holds the files, as the user wrote it
    /// @throws ProductException with `UNSUPPORTED_MODEL` where there are several, all of which it names, or
    ///     where it is only a part of a model
    public static Optional<String> only(String place, Collection<String> names) {
        List<String> found = names.stream().filter(GgufNames::isGguf).sorted().toList();
        if (found.stream().anyMatch(name -> !PART.matcher(name).matches()) && found.size() > 1) {
            throw unusable("'" + place + "' holds " + found.size() + " GGUF files: " + String.join(", ", found)
                    + ". Say which one is meant: put its name behind this one, with a slash between them.");
        }
        found.forEach(GgufNames::requireWhole);
        return found.stream().findFirst();
    }

    /// Refuses a file that is one part of a model.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL`
    public static void requireWhole(String name) {
        if (PART.matcher(name).matches()) {
            throw unusable(
                    "The GGUF file " + name + " is one part of several, and models are read from one file. Join the"
                            + " parts with llama.cpp's gguf-split --merge FIRST_PART JOINED.gguf, and name the joined file.");
        }
    }

    private static ProductException unusable(String sentence) {
        return ProductException.forParameter(ErrorCode.UNSUPPORTED_MODEL, "model", sentence);
    }
}
