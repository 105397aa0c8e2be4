package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The kernels of one device. A source is compiled, or read from the cache, once for each type of stored
/// numbers. Thread-safe.
public final class Kernels {

    /// Every source.
    static final List<String> SOURCES = List.of(
            "rms_norm.cu",
            "rotary.cu",
            "swi_glu.cu",
            "cross_entropy.cu",
            "dequantize.cu",
            "adam_w.cu",
            "elements.cu",
            "move_rows.cu",
            "collect.cu",
            "spread.cu");

    private final CudaDevice device;
    private final Nvrtc nvrtc;
    private final KernelCache cache;
    private final Map<Key, Long> modules = new ConcurrentHashMap<>();

    /// A source for a type.
    private record Key(String source, Precision precision) {}

    Kernels(CudaDevice device, Nvrtc nvrtc, KernelCache cache) {
        this.device = device;
        this.nvrtc = nvrtc;
        this.cache = cache;
    }

    /// Compiles everything for a type now, so that no step has to wait for it.
    public void prepare(Precision precision) {
        SOURCES.forEach(source -> module(source, precision));
    }

    /// A kernel of a source.
    CudaFunction function(String source, Precision precision, String name) {
        long module = module(source, precision);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(name);
            return new CudaFunction(device, name, device.activated().longOf("cuModuleGetFunction", module, text));
        }
    }

    private long module(String source, Precision precision) {
        return modules.computeIfAbsent(new Key(source, precision), this::load);
    }

    private long load(Key key) {
        KernelSource source = KernelSource.of(key.source(), key.precision());
        Target target = Target.of(nvrtc.architectures(), device.architecture());
        String digest = source.digest(target, nvrtc.version());
        return cache.find(digest).flatMap(this::loadKept).orElseGet(() -> {
            byte[] code = nvrtc.compile(source, target);
            long module = load(code);
            cache.keep(digest, code);
            return module;
        });
    }

    /// A file that the driver refuses is as good as none: it is compiled and written again.
    private Optional<Long> loadKept(byte[] code) {
        try {
            return Optional.of(load(code));
        } catch (CudaException unreadable) {
            return Optional.empty();
        }
    }

    private long load(byte[] code) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment image = arena.allocate(code.length + 1L, Long.BYTES); // PTX is text and ends with a 0
            MemorySegment.copy(MemorySegment.ofArray(code), 0, image, 0, code.length);
            return device.activated().longOf("cuModuleLoadData", image);
        }
    }
}
