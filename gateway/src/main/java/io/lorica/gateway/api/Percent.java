package io.lorica.gateway.api;

/// Percent-encoding in addresses.
final class Percent {

    private static final int HEX = 16;

    private Percent() {}

    /// Tells whether every `%` is followed by two hexadecimal digits.
    static boolean wellFormed(String uri) {
        int at = uri.indexOf('%');
        while (at >= 0) {
            if (at + 2 >= uri.length()
                    || Character.digit(uri.charAt(at + 1), HEX) < 0
                    || Character.digit(uri.charAt(at + 2), HEX) < 0) {
                return false;
            }
            at = uri.indexOf('%', at + 1);
        }
        return true;
    }
}
