package io.lorica.llm.jinja;

import java.math.BigInteger;

/// Values written out in a template.
final class Literals {

    private Literals() {}

    /// Texts in quotes that follow each other are one.
    static String adjacentTexts(String first, TokenStream tokens) {
        StringBuilder text = new StringBuilder(first);
        while (tokens.current().kind() == Token.Kind.STRING) {
            text.append(tokens.next().text());
        }
        return text.toString();
    }

    /// A whole number in base 10, 16, 8 or 2.
    static Object integer(String digits) {
        String plain = digits.replace("_", "");
        int radix = plain.length() < 3
                ? 10
                : switch (Character.toLowerCase(plain.charAt(1))) {
                    case 'x' -> 16;
                    case 'o' -> 8;
                    case 'b' -> 2;
                    default -> 10;
                };
        return Numbers.normal(new BigInteger(radix == 10 ? plain : plain.substring(2), radix));
    }
}
