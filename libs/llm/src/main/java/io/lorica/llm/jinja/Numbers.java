package io.lorica.llm.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;

/// Python's numbers: whole ones of any size ([Long] where it fits, else [BigInteger]), [Double], and truth values,
/// which
/// count as 0 and 1.
final class Numbers {

    private static final int LARGEST_POWER = 10_000;

    private Numbers() {}

    static boolean isNumber(Object value) {
        return isWhole(value) || value instanceof Double;
    }

    static boolean isWhole(Object value) {
        return value instanceof Long || value instanceof BigInteger || value instanceof Boolean;
    }

    static Object normal(BigInteger value) {
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    static BigInteger big(Object whole) {
        return switch (whole) {
            case BigInteger big -> big;
            case Boolean truth -> truth ? BigInteger.ONE : BigInteger.ZERO;
            case Long number -> BigInteger.valueOf(number);
            default -> throw JinjaException.rendering("a whole number is needed, not " + Values.words(whole));
        };
    }

    static double real(Object number) {
        return number instanceof Double real ? real : big(number).doubleValue();
    }

    /// A whole number that counts or indexes something.
    static int toInt(Object value) {
        BigInteger number = big(value);
        return number.bitLength() < Integer.SIZE
                ? number.intValue()
                : number.signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
    }

    static int compare(Object left, Object right) {
        return isWhole(left) && isWhole(right)
                ? big(left).compareTo(big(right))
                : Double.compare(real(left) + 0.0, real(right) + 0.0);
    }

    static Object negate(Object number) {
        return number instanceof Double real
                ? (Object) (-real)
                : normal(big(number).negate());
    }

    /// Arithmetic as Python's, whose `//` and `%` round towards minus infinity.
    static Object calculate(String operator, Object left, Object right) {
        if (operator.equals("/")) {
            return real(left) / divisor(right);
        }
        return isWhole(left) && isWhole(right)
                ? whole(operator, big(left), big(right))
                : (Object) real(operator, real(left), real(right));
    }

    private static Object whole(String operator, BigInteger left, BigInteger right) {
        return switch (operator) {
            case "+" -> normal(left.add(right));
            case "-" -> normal(left.subtract(right));
            case "*" -> normal(left.multiply(right));
            case "//" -> normal(floorDivide(left, right));
            case "%" -> normal(left.subtract(floorDivide(left, right).multiply(right)));
            case "**" -> power(left, right);
            default -> throw new IllegalArgumentException(operator);
        };
    }

    private static BigInteger floorDivide(BigInteger left, BigInteger right) {
        divisor(normal(right));
        BigInteger[] parts = left.divideAndRemainder(right);
        return parts[1].signum() != 0 && parts[1].signum() != right.signum()
                ? parts[0].subtract(BigInteger.ONE)
                : parts[0];
    }

    private static Object power(BigInteger left, BigInteger right) {
        if (right.signum() < 0) {
            return Math.pow(left.doubleValue(), right.doubleValue());
        }
        int exponent = toInt(normal(right));
        if ((long) left.bitLength() * exponent > LARGEST_POWER) {
            throw JinjaException.limit("a power has more than " + LARGEST_POWER + " binary digits");
        }
        return normal(left.pow(exponent));
    }

    private static double real(String operator, double left, double right) {
        return switch (operator) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "//" -> Math.floor((left - modulo(left, right)) / right + 0.5);
            case "%" -> modulo(left, right);
            case "**" -> Math.pow(left, right);
            default -> throw new IllegalArgumentException(operator);
        };
    }

    private static double modulo(double left, double right) {
        double remainder = left % divisor(right);
        return remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder;
    }

    private static double divisor(Object number) {
        double value = real(number);
        if (value == 0) {
            throw JinjaException.rendering("a number is divided by zero");
        }
        return value;
    }

    /// Shortest digits that read back as the same number, in Python's form: an exponent below 1e-4 and from 1e16 on.
    static String text(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = exact.precision() - exact.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            String plain = exact.toPlainString();
            return plain.indexOf('.') < 0 ? plain + ".0" : plain;
        }
        String digits = exact.unscaledValue().abs().toString();
        String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        String sign = exponent < 0 ? "-" : "+";
        return (value < 0 ? "-" : "") + mantissa + "e" + sign + (Math.abs(exponent) < 10 ? "0" : "")
                + Math.abs(exponent);
    }
}
