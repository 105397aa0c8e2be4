package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// NVRTC (`nvrtc.h`), NVIDIA's compiler of CUDA C++ as a library. Thread-safe, as it is.
final class Nvrtc {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final NativeLibrary library;
    private final int major;
    private final int minor;

    private Nvrtc(NativeLibrary library) {
        this.library = library;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(INT, 2);
            check(library.call("nvrtcVersion", out, out.asSlice(INT.byteSize())), "nvrtcVersion");
            this.major = out.get(INT, 0);
            this.minor = out.getAtIndex(INT, 1);
        }
    }

    /// The first NVRTC that a driver understands: one of a newer major version writes code that it cannot
    /// load.
    ///
    /// @param newestMajor the driver's major version of CUDA
    static Optional<Nvrtc> find(NvrtcSearch search, int newestMajor) {
        return search.candidates().stream()
                .flatMap(candidate -> open(candidate).stream())
                .filter(nvrtc -> nvrtc.major <= newestMajor)
                .findFirst();
    }

    /// A file of that name that is no NVRTC is passed over.
    private static Optional<Nvrtc> open(String candidate) {
        try {
            return NativeLibrary.open(candidate).map(Nvrtc::new);
        } catch (CudaException unusable) {
            return Optional.empty();
        }
    }

    /// Such as `NVRTC 13.0`.
    String version() {
        return "NVRTC " + major + "." + minor;
    }

    String location() {
        return library.name();
    }

    /// The architectures that it writes machine code for, such as 90 for compute capability 9.0.
    List<Integer> architectures() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(INT);
            check(library.call("nvrtcGetNumSupportedArchs", count), "nvrtcGetNumSupportedArchs");
            MemorySegment all = arena.allocate(INT, count.get(INT, 0));
            check(library.call("nvrtcGetSupportedArchs", all), "nvrtcGetSupportedArchs");
            return Arrays.stream(all.toArray(INT)).boxed().toList();
        }
    }

    /// Compiles a source to what the driver loads.
    ///
    /// @throws CudaException with the compiler's words if the source is wrong
    byte[] compile(KernelSource source, Target target) {
        try (Arena arena = Arena.ofConfined()) {
            long program = create(arena, source);
            try {
                build(arena, program, source, target);
                return code(arena, program, target);
            } finally {
                MemorySegment handle = arena.allocateFrom(LONG, program);
                check(library.call("nvrtcDestroyProgram", handle), "nvrtcDestroyProgram");
            }
        }
    }

    private long create(Arena arena, KernelSource source) {
        MemorySegment out = arena.allocate(LONG);
        int status = library.call(
                "nvrtcCreateProgram",
                out,
                arena.allocateFrom(source.text()),
                arena.allocateFrom(source.name()),
                1,
                strings(arena, List.of(source.header())),
                strings(arena, List.of(KernelSource.HEADER_NAME)));
        check(status, "nvrtcCreateProgram");
        return out.get(LONG, 0);
    }

    private void build(Arena arena, long program, KernelSource source, Target target) {
        List<String> options = source.options(target);
        int status = library.call("nvrtcCompileProgram", program, options.size(), strings(arena, options));
        if (status != 0) {
            byte[] log = bytes(arena, program, "nvrtcGetProgramLog");
            throw new CudaException(version() + " cannot compile " + source.name() + " for " + target + ":\n"
                    + new String(log, StandardCharsets.UTF_8));
        }
    }

    private byte[] code(Arena arena, long program, Target target) {
        return bytes(arena, program, target.machineCode() ? "nvrtcGetCUBIN" : "nvrtcGetPTX");
    }

    private byte[] bytes(Arena arena, long program, String function) {
        MemorySegment size = arena.allocate(LONG);
        check(library.call(function + "Size", program, size), function + "Size");
        MemorySegment bytes = arena.allocate(Math.max(1, size.get(LONG, 0)));
        check(library.call(function, program, bytes), function);
        return bytes.toArray(ValueLayout.JAVA_BYTE);
    }

    private static MemorySegment strings(Arena arena, List<String> values) {
        MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, values.size());
        for (int i = 0; i < values.size(); i++) {
            pointers.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(values.get(i)));
        }
        return pointers;
    }

    private static void check(int status, String function) {
        if (status != 0) {
            throw new CudaException(function + " failed with NVRTC's error " + status);
        }
    }
}
