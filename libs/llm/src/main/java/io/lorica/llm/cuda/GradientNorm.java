package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// The norm of the gradients of all lists of an optimizer together, and the factor on them, in device memory.
/// The closer must know that no step is under way.
public final class GradientNorm implements AutoCloseable {

    /// `Clip` of the source.
    private static final long CLIP_BYTES = 3L * Float.BYTES;

    private final CudaDevice device;
    private final List<AdamWTensors> lists;
    private final DeviceMemory partials;
    private final DeviceMemory clip;

    private GradientNorm(CudaDevice device, List<AdamWTensors> lists, DeviceMemory partials, DeviceMemory clip) {
        this.device = device;
        this.lists = lists;
        this.partials = partials;
        this.clip = clip;
    }

    /// What becomes of the gradients.
    ///
    /// @param scale what they come multiplied with; the norm and what is moved are without it
    /// @param most the norm that longer ones are brought down to; 0 leaves them
    /// @param loss a float32 number in device memory; nothing is moved where it is not finite, nor in later
    /// steps until [GradientNorm#goOn]. 0 if there is none, and this is no step
    public record Bound(double scale, double most, long loss) {}

    /// Takes memory for the norm of these together.
    public static GradientNorm of(CudaDevice device, List<AdamWTensors> lists) {
        long chunks = lists.stream().mapToLong(AdamWTensors::chunkCount).sum();
        GradientNorm norm = new GradientNorm(
                device,
                List.copyOf(lists),
                DeviceMemory.allocate(device, chunks * Float.BYTES),
                DeviceMemory.allocate(device, CLIP_BYTES));
        norm.goOn();
        return norm;
    }

    /// Where the norm is, float32, and behind it the factor on the gradients; no number where nothing may
    /// move.
    public long address() {
        return clip.address();
    }

    /// The norm that [AdamWKernel#norm] computed on the default stream; waits for it.
    public double read() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(ValueLayout.JAVA_FLOAT);
            clip.read(segment);
            return segment.get(ValueLayout.JAVA_FLOAT, 0);
        }
    }

    /// Copies the norm elsewhere in device memory in a stream's order, before the next step takes its place.
    ///
    /// @param target where a float32 number goes
    public void copyTo(long stream, long target) {
        device.activated().call("cuMemcpyDtoDAsync_v2", target, clip.address(), (long) Float.BYTES, stream);
    }

    /// Lets steps move their tensors again after one that had no finite numbers. No step may be under way.
    public void goOn() {
        try (Arena arena = Arena.ofConfined()) {
            clip.write(arena.allocate(CLIP_BYTES, Float.BYTES));
        }
    }

    List<AdamWTensors> lists() {
        return lists;
    }

    /// Where the sums of squares of the chunks go, list by list.
    long partials() {
        return partials.address();
    }

    @Override
    public void close() {
        partials.close();
        clip.close();
    }
}
