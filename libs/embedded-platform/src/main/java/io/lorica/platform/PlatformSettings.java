package io.lorica.platform;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Where the platform listens and keeps its data.
///
/// @param home directory of all data
/// @param kafkaPort port of the broker
/// @param controllerPort port over which the broker talks to its own controller
/// @param storePort port of the S3 server
/// @param accessKey access key of the S3 server
/// @param secretKey secret key of the S3 server
/// @param exitWithParent whether the process ends when its standard input does
/// @param exitWithProcess the process with whose end this one ends too, empty for none
record PlatformSettings(
        Path home,
        int kafkaPort,
        int controllerPort,
        int storePort,
        String accessKey,
        String secretKey,
        boolean exitWithParent,
        Optional<Long> exitWithProcess) {

    private static final long HIGHEST_PORT = 65_535;
    private static final String USAGE = "usage: --home DIR [--kafka-port N] [--controller-port N] [--store-port N]"
            + " [--access-key KEY] [--secret-key KEY] [--exit-with-parent] [--exit-with-process PID]";

    /// Reads the command line.
    static PlatformSettings parse(String[] arguments) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < arguments.length; i++) {
            boolean flag = arguments[i].equals("--exit-with-parent");
            if (!flag && i + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[i] + " needs a value; " + USAGE);
            }
            options.put(arguments[i], flag ? "true" : arguments[++i]);
        }
        String home = options.remove("--home");
        if (home == null) {
            throw new IllegalArgumentException(USAGE);
        }
        PlatformSettings settings = new PlatformSettings(
                Path.of(home).toAbsolutePath(),
                port(options, "--kafka-port", 19092),
                port(options, "--controller-port", 19093),
                port(options, "--store-port", 19000),
                taken(options, "--access-key", "lorica"),
                taken(options, "--secret-key", "lorica-secret"),
                Boolean.parseBoolean(taken(options, "--exit-with-parent", "false")),
                Optional.ofNullable(options.remove("--exit-with-process"))
                        .map(value -> number("--exit-with-process", value, Long.MAX_VALUE)));
        if (!options.isEmpty()) {
            throw new IllegalArgumentException(options.keySet() + " is unknown; " + USAGE);
        }
        return settings;
    }

    private static int port(Map<String, String> options, String name, int otherwise) {
        return (int) number(name, taken(options, name, Integer.toString(otherwise)), HIGHEST_PORT);
    }

    private static long number(String name, String text, long highest) {
        try {
            long value = Long.parseLong(text);
            if (value >= 1 && value <= highest) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " is '" + text + "', which is no number; " + USAGE, e);
        }
        throw new IllegalArgumentException(name + " is '" + text + "', which is out of range; " + USAGE);
    }

    private static String taken(Map<String, String> options, String name, String otherwise) {
        String value = options.remove(name);
        return value == null ? otherwise : value;
    }
}
