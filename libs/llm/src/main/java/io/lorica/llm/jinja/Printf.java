package io.lorica.llm.jinja;

import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/// `"%s is %d" % (…)`: Python's old way to format, as far as `%s %r %d %i %x %f %%` go.
final class Printf {

    private static final Pattern PLACE = Pattern.compile("%([-0+ ]*)(\\d{0,4})(?:\\.(\\d{1,3}))?([a-zA-Z%])");

    private Printf() {}

    static String format(String format, List<Object> values) {
        Iterator<Object> next = values.iterator();
        StringBuilder text = new StringBuilder();
        Matcher place = PLACE.matcher(format);
        while (place.find()) {
            String piece = place.group(4).equals("%") ? "%" : piece(place, next);
            place.appendReplacement(text, Matcher.quoteReplacement(piece));
        }
        if (next.hasNext()) {
            throw JinjaException.rendering("a format has fewer places than values");
        }
        Budget.grow(text.length() + (long) format.length());
        return place.appendTail(text).toString();
    }

    private static String piece(Matcher place, Iterator<Object> values) {
        if (!values.hasNext()) {
            throw JinjaException.rendering("a format has more places than values");
        }
        Object value = values.next();
        String digits = place.group(3);
        String flags = place.group(1);
        String piece = switch (place.group(4)) {
            case "s" -> cut(PythonText.of(value), digits);
            case "r" -> cut(PythonText.repr(value), digits);
            case "d", "i" ->
                value instanceof Double real
                        ? String.valueOf(real.longValue())
                        : Numbers.big(value).toString();
            case "x" -> Numbers.big(value).toString(16);
            case "f" -> String.format(Locale.ROOT, "%." + (digits == null ? "6" : digits) + "f", Numbers.real(value));
            default -> throw JinjaException.rendering("the format '%" + place.group(4) + "' is not known");
        };
        return padded(piece, flags, place.group(2), "dixf".contains(place.group(4)));
    }

    private static String cut(String text, @Nullable String digits) {
        return digits == null ? text : text.substring(0, Math.min(text.length(), Integer.parseInt(digits)));
    }

    private static String padded(String piece, String flags, String width, boolean number) {
        String signed = number && flags.contains("+") && !piece.startsWith("-") ? "+" + piece : piece;
        int missing = width.isEmpty() ? 0 : Math.max(0, Integer.parseInt(width) - signed.length());
        if (flags.contains("-")) {
            return signed + " ".repeat(missing);
        }
        if (number && flags.contains("0")) {
            int sign = signed.startsWith("-") || signed.startsWith("+") ? 1 : 0;
            return signed.substring(0, sign) + "0".repeat(missing) + signed.substring(sign);
        }
        return " ".repeat(missing) + signed;
    }
}
