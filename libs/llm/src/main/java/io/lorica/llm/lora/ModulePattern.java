package io.lorica.llm.lora;

import java.util.Collection;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.stream.Collectors;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/// A regular expression of PEFT's for the paths of modules. It never backtracks, so that no expression of a caller can
/// hold a thread: the time of a match grows with the product of the lengths of expression and path.
public final class ModulePattern {

    /// The greatest number of characters of an expression.
    static final int MAX_LENGTH = 512;
    /// The greatest number of expressions of one parameter.
    static final int MAX_COUNT = 1024;

    private static final int MAX_SIZE = 2048;
    private static final int MAX_TOTAL_SIZE = 8192;
    private static final java.util.regex.Pattern PLAIN = java.util.regex.Pattern.compile("[\\w.]*");
    private static final java.util.regex.Pattern COUNT =
            java.util.regex.Pattern.compile("\\{(\\d{1,9})?(?:,(\\d{1,9})?)?}");
    private static final List<String> LOOKAROUNDS = List.of("(?=", "(?!", "(?<=", "(?<!");
    private static final List<String> BACK_REFERENCES = List.of("(?P=", "\\k", "\\g");
    private static final List<String> WITHOUT_RETURN = List.of("(?>", "*+", "++", "?+", "}+");

    private final Pattern pattern;

    private ModulePattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /// An expression that matches whole paths, as PEFT's `target_modules` and `exclude_modules` do.
    ///
    /// @throws IllegalArgumentException when it is no expression that can be matched
    static ModulePattern ofPath(String expression) {
        return new ModulePattern(compiled(expression));
    }

    /// An expression that matches the ends of paths, behind a dot or from the beginning, as the keys of PEFT's
    /// `rank_pattern` and `alpha_pattern` do.
    ///
    /// @throws IllegalArgumentException when it is no expression that can be matched
    static ModulePattern ofEnd(String expression) {
        return new ModulePattern(compiled("(.*\\.)?(" + expression + ")"));
    }

    /// The expression of paths that are one of these names, or end in one behind a dot.
    public static String ofNames(Collection<String> names) {
        return "(.*\\.)?(" + names.stream().map(ModulePattern::literal).collect(Collectors.joining("|")) + ")";
    }

    // Characters of no meaning, in the way that Python's expressions know too.
    private static String literal(String text) {
        return text.replaceAll("\\W", "\\\\$0");
    }

    /// Tells whether a path matches.
    boolean matches(String path) {
        return pattern.matches(path);
    }

    /// Refuses expressions that cannot be matched, and more or longer ones than a model's paths need.
    ///
    /// @param parameter who names them, for the message
    /// @throws IllegalArgumentException with a message that begins with the parameter
    public static void check(String parameter, Collection<String> expressions) {
        if (expressions.size() > MAX_COUNT) {
            throw new IllegalArgumentException(
                    parameter + " has " + expressions.size() + " expressions; it may have " + MAX_COUNT);
        }
        long total = 0;
        for (String expression : expressions) {
            check(parameter, expression);
            total += PLAIN.matcher(expression).matches() ? 0 : size(expression);
        }
        if (total > MAX_TOTAL_SIZE) {
            throw new IllegalArgumentException(parameter + " has expressions of " + total
                    + " characters in all, repetitions counted; they may have " + MAX_TOTAL_SIZE);
        }
    }

    private static void check(String parameter, String expression) {
        if (expression.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(parameter + " has an expression of " + expression.length()
                    + " characters; it may have " + MAX_LENGTH);
        }
        if (size(expression) > MAX_SIZE) {
            throw new IllegalArgumentException(
                    parameter + " has '" + expression + "', which repeats too much; use smaller counts in { }");
        }
        try {
            Pattern unused = compiled(expression);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(parameter + " has '" + expression + "', which " + e.getMessage(), e);
        }
    }

    /// An upper bound of the steps of an expression: counted repetitions may lie inside of each other.
    private static long size(String expression) {
        return COUNT.matcher(expression)
                .results()
                .mapToLong(ModulePattern::repetitions)
                .reduce(expression.length(), (size, count) -> Math.min(Integer.MAX_VALUE, size * count));
    }

    private static long repetitions(MatchResult count) {
        String last = count.group(2) == null ? count.group(1) : count.group(2);
        return last == null ? 1 : Math.max(1, Long.parseLong(last));
    }

    private static Pattern compiled(String expression) {
        try {
            return Pattern.compile(expression);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(reason(expression, e), e);
        }
    }

    private static String reason(String expression, PatternSyntaxException e) {
        String part = e.getPattern();
        if (LOOKAROUNDS.stream().anyMatch(part::startsWith)) {
            return "looks around ('" + opening(LOOKAROUNDS, part) + "'); expressions are matched without backtracking, "
                    + "so lookaround cannot be used. Name what is to be left out in exclude_modules";
        }
        boolean group = part.equals("(?P") && expression.contains("(?P=");
        if (group || part.matches("\\\\[1-9]") || BACK_REFERENCES.stream().anyMatch(part::startsWith)) {
            return "refers back to a group ('" + (group ? "(?P=" : part) + "'); expressions are matched without "
                    + "backtracking, so back-references cannot be used";
        }
        if (WITHOUT_RETURN.stream().anyMatch(part::endsWith)) {
            return "has a possessive or atomic part ('" + part + "'); write it without, which matches the same here";
        }
        return "is not a regular expression that can be used: " + e.getDescription() + " '" + part + "'";
    }

    private static String opening(List<String> openings, String part) {
        return openings.stream().filter(part::startsWith).reduce("", (_, last) -> last);
    }
}
