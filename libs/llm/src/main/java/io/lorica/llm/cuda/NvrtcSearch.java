package io.lorica.llm.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Where NVRTC may be: named by the user, beside libtorch, on the library path, in a CUDA toolkit, in DJL's
/// cache. Of a Python environment, the directory `site-packages` is enough: its wheels keep their libraries
/// in `nvidia/*/lib`.
///
/// @param named what the user names, a file or a directory
/// @param environment the process's environment
/// @param home the user's directory
/// @param system the root of the file system
record NvrtcSearch(Optional<String> named, Map<String, String> environment, Path home, Path system) {

    /// `libnvrtc.so.13`, or `libnvrtc-b51b459d.so.12` as libtorch's own packages name it; not its
    /// `-builtins`.
    private static final Pattern FILE = Pattern.compile("libnvrtc(-[0-9a-f]{8})?\\.so(\\.(\\d+)[0-9.]*)?");

    /// Names that the system's loader may know.
    private static final List<String> LOADER_NAMES = List.of("libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2");

    static NvrtcSearch ofProcess() {
        return new NvrtcSearch(
                Setting.NVRTC.value(), System.getenv(), Path.of(System.getProperty("user.home")), Path.of("/"));
    }

    /// Files and loader names, the likeliest first. What the user names is the only place then.
    List<String> candidates() {
        if (named.isPresent()) {
            return files(Path.of(named.get()));
        }
        List<String> found = new ArrayList<>();
        directories().forEach(directory -> found.addAll(files(directory)));
        found.addAll(LOADER_NAMES);
        return found.stream().distinct().toList();
    }

    /// The places in words, for a message.
    String places() {
        return named.orElse("LD_LIBRARY_PATH, PYTORCH_LIBRARY_PATH, CUDA_HOME, /usr/local/cuda and DJL's cache");
    }

    private List<Path> directories() {
        List<Path> directories = new ArrayList<>();
        variable("PYTORCH_LIBRARY_PATH").map(Path::of).ifPresent(directories::add);
        variable("LD_LIBRARY_PATH").stream()
                .flatMap(value -> Stream.of(value.split(":")))
                .filter(value -> !value.isBlank())
                .map(Path::of)
                .forEach(directories::add);
        Stream.of("CUDA_HOME", "CUDA_PATH")
                .flatMap(name -> variable(name).stream())
                .forEach(toolkit -> directories.add(Path.of(toolkit, "lib64")));
        directories.add(system.resolve("usr/local/cuda/lib64"));
        children(system.resolve("usr/local"), "cuda-").forEach(toolkit -> directories.add(toolkit.resolve("lib64")));
        Stream.of("usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib64")
                .map(system::resolve)
                .forEach(directories::add);
        directories.addAll(children(home.resolve(".djl.ai/pytorch"), ""));
        return directories;
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    /// NVRTC's files at a place: the place itself, in it, or in the wheels below it; the newest first.
    private static List<String> files(Path place) {
        if (Files.isRegularFile(place)) {
            return List.of(place.toString());
        }
        List<Path> places = new ArrayList<>(List.of(place));
        children(place.resolve("nvidia"), "").forEach(wheel -> places.add(wheel.resolve("lib")));
        return places.stream()
                .flatMap(directory -> children(directory, "libnvrtc").stream())
                .filter(file -> FILE.matcher(file.getFileName().toString()).matches())
                .sorted(Comparator.comparingInt(NvrtcSearch::major).reversed().thenComparing(Path::toString))
                .map(Path::toString)
                .toList();
    }

    private static int major(Path file) {
        Matcher matcher = FILE.matcher(file.getFileName().toString());
        return matcher.matches() && matcher.group(3) != null ? Integer.parseInt(matcher.group(3)) : 0;
    }

    private static List<Path> children(Path directory, String prefix) {
        if (!Files.isDirectory(directory) || !Files.isReadable(directory)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(directory)) {
            return children.filter(child -> child.getFileName().toString().startsWith(prefix))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look into " + directory, e);
        }
    }
}
