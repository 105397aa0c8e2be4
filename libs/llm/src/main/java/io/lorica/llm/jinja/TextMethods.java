package io.lorica.llm.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/// Python's methods of texts.
final class TextMethods {

    static final Methods<String> ALL = new Methods<String>(Set.of())
            .add("split", (s, a) -> split(s, a, false), "sep", "maxsplit")
            .add("rsplit", (s, a) -> split(s, a, true), "sep", "maxsplit")
            .add("splitlines", (s, _) -> PythonText.lines(s))
            .add("strip", (s, a) -> strip(s, a, true, true), "chars")
            .add("lstrip", (s, a) -> strip(s, a, true, false), "chars")
            .add("rstrip", (s, a) -> strip(s, a, false, true), "chars")
            .add("upper", (s, _) -> s.toUpperCase(Locale.ROOT))
            .add("lower", (s, _) -> s.toLowerCase(Locale.ROOT))
            .add("title", (s, _) -> title(s))
            .add("capitalize", (s, _) -> capitalize(s))
            .add("swapcase", (s, _) -> swapCase(s))
            .add("startswith", (s, a) -> affix(a, s::startsWith), "prefix")
            .add("endswith", (s, a) -> affix(a, s::endsWith), "suffix")
            .add("removeprefix", (s, a) -> removePrefix(s, a.text("prefix")), "prefix")
            .add("removesuffix", (s, a) -> removeSuffix(s, a.text("suffix")), "suffix")
            .add(
                    "replace",
                    (s, a) -> replace(s, a.text("old"), a.text("new"), a.integer("count", -1)),
                    "old",
                    "new",
                    "count")
            .add("find", (s, a) -> index(s, s.indexOf(a.text("sub"))), "sub")
            .add("rfind", (s, a) -> index(s, s.lastIndexOf(a.text("sub"))), "sub")
            .add("index", (s, a) -> present(index(s, s.indexOf(a.text("sub")))), "sub")
            .add("rindex", (s, a) -> present(index(s, s.lastIndexOf(a.text("sub")))), "sub")
            .add("count", (s, a) -> count(s, a.text("sub")), "sub")
            .add("join", (s, a) -> join(s, a.required("iterable")), "iterable")
            .add("partition", (s, a) -> partition(s, a.text("sep"), s.indexOf(a.text("sep")), false), "sep")
            .add("rpartition", (s, a) -> partition(s, a.text("sep"), s.lastIndexOf(a.text("sep")), true), "sep")
            .add("zfill", (s, a) -> zeros(s, a.integer("width", 0)), "width")
            .add("center", (s, a) -> pad(s, a, true, true), "width", "fillchar")
            .add("ljust", (s, a) -> pad(s, a, false, true), "width", "fillchar")
            .add("rjust", (s, a) -> pad(s, a, true, false), "width", "fillchar")
            .add("isdigit", (s, _) -> all(s, Character::isDigit))
            .add("isdecimal", (s, _) -> all(s, Character::isDigit))
            .add("isnumeric", (s, _) -> all(s, Character::isDigit))
            .add("isalpha", (s, _) -> all(s, Character::isLetter))
            .add("isalnum", (s, _) -> all(s, Character::isLetterOrDigit))
            .add("isspace", (s, _) -> all(s, PythonText::isSpace))
            .add("isupper", (s, _) -> isCased(s, s.toUpperCase(Locale.ROOT)))
            .add("islower", (s, _) -> isCased(s, s.toLowerCase(Locale.ROOT)));

    private TextMethods() {}

    private static Object split(String text, Arguments.Bound arguments, boolean fromRight) {
        int most = arguments.integer("maxsplit", -1);
        Object separator = arguments.or("sep", None.NONE);
        List<Object> pieces = new ArrayList<>();
        if (fromRight) {
            String mirrored = mirror(text);
            splitInto(mirrored, separator == None.NONE ? separator : mirror(Values.text(separator)), most, pieces);
            pieces.replaceAll(piece -> mirror(Values.text(piece)));
            Collections.reverse(pieces);
        } else {
            splitInto(text, separator, most, pieces);
        }
        return pieces;
    }

    private static String mirror(String text) {
        return new StringBuilder(text).reverse().toString();
    }

    private static void splitInto(String text, Object separator, int most, List<Object> pieces) {
        if (separator == None.NONE) {
            splitAtSpace(text, most, pieces);
            return;
        }
        String by = Values.text(separator);
        if (by.isEmpty()) {
            throw JinjaException.rendering("a text cannot be split at an empty text");
        }
        int start = 0;
        for (int at = text.indexOf(by); at >= 0 && pieces.size() != most; at = text.indexOf(by, start)) {
            pieces.add(text.substring(start, at));
            start = at + by.length();
        }
        pieces.add(text.substring(start));
    }

    private static void splitAtSpace(String text, int most, List<Object> pieces) {
        String rest = PythonText.stripLeading(text);
        while (!rest.isEmpty()) {
            int end = 0;
            while (end < rest.length() && !PythonText.isSpace(rest.charAt(end))) {
                end++;
            }
            if (pieces.size() == most) {
                pieces.add(PythonText.stripTrailing(rest));
                return;
            }
            pieces.add(rest.substring(0, end));
            rest = PythonText.stripLeading(rest.substring(end));
        }
    }

    private static Object strip(String text, Arguments.Bound arguments, boolean left, boolean right) {
        return strip(text, arguments.or("chars", None.NONE), left, right);
    }

    /// Without the characters given, or white space for none, at either end.
    static String strip(String text, Object characters, boolean left, boolean right) {
        IntPredicate goes = PythonText::isSpace;
        if (characters != None.NONE) {
            String set = Values.text(characters);
            goes = c -> set.indexOf(c) >= 0;
        }
        int start = 0;
        int end = text.length();
        while (left && start < end && goes.test(text.codePointAt(start))) {
            start += Character.charCount(text.codePointAt(start));
        }
        while (right && end > start && goes.test(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(start, end);
    }

    private static String title(String text) {
        StringBuilder title = new StringBuilder();
        boolean inWord = false;
        for (int c : text.codePoints().toArray()) {
            String one = Character.toString(c);
            title.append(inWord ? one.toLowerCase(Locale.ROOT) : one.toUpperCase(Locale.ROOT));
            inWord = Character.isLetter(c);
        }
        return title.toString();
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int second = text.offsetByCodePoints(0, 1);
        return text.substring(0, second).toUpperCase(Locale.ROOT)
                + text.substring(second).toLowerCase(Locale.ROOT);
    }

    private static String swapCase(String text) {
        StringBuilder swapped = new StringBuilder();
        text.codePoints().mapToObj(Character::toString).forEach(c -> {
            String upper = c.toUpperCase(Locale.ROOT);
            swapped.append(c.equals(upper) ? c.toLowerCase(Locale.ROOT) : upper);
        });
        return swapped.toString();
    }

    private static Object affix(Arguments.Bound arguments, Predicate<String> has) {
        Object affix = arguments.values().values().stream().findFirst().orElse(None.NONE);
        return affix instanceof Sequence.Tuple(List<Object> several)
                ? several.stream().anyMatch(each -> has.test(Values.text(each)))
                : has.test(Values.text(affix));
    }

    private static String removePrefix(String text, String prefix) {
        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    }

    private static String removeSuffix(String text, String suffix) {
        return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
    }

    /// The first `most` occurrences replaced, all for a negative number.
    static String replace(String text, String old, String by, int most) {
        if (most < 0) {
            return text.replace(old, by);
        }
        StringBuilder replaced = new StringBuilder();
        int start = 0;
        int at = text.indexOf(old);
        for (int i = 0; i < most && at >= 0; i++, at = text.indexOf(old, start)) {
            replaced.append(text, start, at).append(by);
            start = at + old.length();
        }
        return replaced.append(text.substring(start)).toString();
    }

    /// Python counts characters where Java counts halves of them.
    private static Object index(String text, int at) {
        return (long) (at < 0 ? at : text.codePointCount(0, at));
    }

    private static Object present(Object index) {
        if (index.equals(-1L)) {
            throw JinjaException.rendering("a text does not contain another that 'index' looks for");
        }
        return index;
    }

    private static Object count(String text, String part) {
        if (part.isEmpty()) {
            return Values.length(text) + 1;
        }
        long count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    private static String join(String separator, Object iterable) {
        return String.join(
                separator, Values.elements(iterable).stream().map(Values::text).toList());
    }

    private static Object partition(String text, String separator, int at, boolean fromRight) {
        if (at < 0) {
            return new Sequence.Tuple(fromRight ? List.of("", "", text) : List.of(text, "", ""));
        }
        return new Sequence.Tuple(List.of(text.substring(0, at), separator, text.substring(at + separator.length())));
    }

    private static String zeros(String text, int width) {
        int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        return text.substring(0, sign) + "0".repeat(missing(text, width)) + text.substring(sign);
    }

    private static int missing(String text, int width) {
        if (width > Budget.LONGEST_RANGE) {
            throw JinjaException.limit("a text is padded to more than " + Budget.LONGEST_RANGE + " characters");
        }
        return (int) Math.max(0, width - Values.length(text));
    }

    private static String pad(String text, Arguments.Bound arguments, boolean before, boolean after) {
        int width = arguments.integer("width", 0);
        int missing = missing(text, width);
        // Where both sides are padded and the number is odd, Python puts the odd one left for odd widths.
        int left = !before ? 0 : !after ? missing : missing / 2 + (missing & width & 1);
        String fill = Values.text(arguments.or("fillchar", " "));
        return fill.repeat(left) + text + fill.repeat(missing - left);
    }

    private static boolean all(String text, IntPredicate holds) {
        return !text.isEmpty() && text.codePoints().allMatch(holds);
    }

    private static boolean isCased(String text, String changed) {
        return text.equals(changed) && text.codePoints().anyMatch(Character::isLetter);
    }
}
