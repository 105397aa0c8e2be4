package io.lorica.llm.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// A CUDA C++ source of this package, to be compiled for one type of stored numbers.
///
/// @param name the resource, such as `rms_norm.cu`
/// @param precision what its tensors are stored in
/// @param text the source
/// @param header what it includes
record KernelSource(String name, Precision precision, String text, String header) {

    static final String HEADER_NAME = "numeric.cuh";

    static KernelSource of(String name, Precision precision) {
        return new KernelSource(name, precision, resource(name), resource(HEADER_NAME));
    }

    /// The compiler's options.
    List<String> options(Target target) {
        return List.of(target.option(), "--std=c++17", "-default-device", "-DSTORAGE=" + precision.typeName());
    }

    /// A name for the compiled code that changes with everything that the code depends on.
    ///
    /// @param compiler the compiler's version
    String digest(Target target, String compiler) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : List.of(name, text, header, String.join(" ", options(target)), compiler)) {
                digest.update(part.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String resource(String name) {
        try (InputStream stream = KernelSource.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalArgumentException("there is no kernel source " + name);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the kernel source " + name, e);
        }
    }
}
