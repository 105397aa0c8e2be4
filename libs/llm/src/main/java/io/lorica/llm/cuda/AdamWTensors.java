package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// All tensors of an optimizer, listed in device memory once, for as long as none of them moves. The closer
/// must know that no step is under way.
public final class AdamWTensors implements AutoCloseable {

    /// Elements of one block of threads; `CHUNK` of the source.
    static final int CHUNK = 8192;

    private static final long PARAMETER_BYTES = 88;
    private static final long CHUNK_BYTES = 8;
    private static final long STEP_BYTES = 32;

    private final CudaDevice device;
    private final DeviceMemory parameters;
    private final DeviceMemory chunks;
    private final DeviceMemory step;
    private final int chunkCount;

    private AdamWTensors(CudaDevice device, DeviceMemory parameters, DeviceMemory chunks, int chunkCount) {
        this.device = device;
        this.parameters = parameters;
        this.chunks = chunks;
        this.chunkCount = chunkCount;
        this.step = DeviceMemory.allocate(device, STEP_BYTES);
    }

    /// Lists the tensors in a device's memory.
    public static AdamWTensors of(CudaDevice device, List<AdamWTensor> tensors) {
        int chunkCount = tensors.stream().mapToInt(AdamWTensors::chunks).sum();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(PARAMETER_BYTES * tensors.size(), Long.BYTES);
            MemorySegment stretches = arena.allocate(CHUNK_BYTES * chunkCount, Long.BYTES);
            int next = 0;
            for (int i = 0; i < tensors.size(); i++) {
                write(list.asSlice(PARAMETER_BYTES * i, PARAMETER_BYTES), tensors.get(i));
                for (int number = 0; number < chunks(tensors.get(i)); number++) {
                    stretches.setAtIndex(ValueLayout.JAVA_INT, 2L * next, i);
                    stretches.setAtIndex(ValueLayout.JAVA_INT, 2L * next++ + 1, number);
                }
            }
            return new AdamWTensors(
                    device, DeviceMemory.of(device, list), DeviceMemory.of(device, stretches), chunkCount);
        }
    }

    /// Sets what holds for the steps that a stream is given next.
    public void set(long stream, AdamWStep values) {
        try (Arena arena = Arena.ofConfined()) {
            // Memory that is not pinned has been read when the call returns.
            MemorySegment segment = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values.values());
            device.activated().call("cuMemcpyHtoDAsync_v2", step.address(), segment, STEP_BYTES, stream);
        }
    }

    long parameters() {
        return parameters.address();
    }

    long chunks() {
        return chunks.address();
    }

    int chunkCount() {
        return chunkCount;
    }

    long step() {
        return step.address();
    }

    private static int chunks(AdamWTensor tensor) {
        return Math.toIntExact(Math.ceilDiv(tensor.elements(), (long) CHUNK));
    }

    /// As the kernels' `Parameter` lies in memory.
    static void write(MemorySegment to, AdamWTensor tensor) {
        long[] addresses = switch (tensor.moments()) {
            case AdamWTensor.Moments.Full(long first, long second) -> new long[] {first, second, 0, 0};
            case AdamWTensor.Moments.EightBit(long first, long second, long firstLargest, long secondLargest) ->
                new long[] {first, second, firstLargest, secondLargest};
        };
        to.setAtIndex(ValueLayout.JAVA_LONG, 0, tensor.values());
        to.setAtIndex(ValueLayout.JAVA_LONG, 1, tensor.gradient());
        MemorySegment.copy(addresses, 0, to, ValueLayout.JAVA_LONG, 2L * Long.BYTES, addresses.length);
        to.setAtIndex(ValueLayout.JAVA_LONG, 6, tensor.copy().rows().address());
        to.setAtIndex(ValueLayout.JAVA_LONG, 7, tensor.copy().rows().stride());
        to.setAtIndex(ValueLayout.JAVA_LONG, 8, tensor.elements());
        to.setAtIndex(ValueLayout.JAVA_FLOAT, 18, (float) tensor.rateFactor());
        to.setAtIndex(ValueLayout.JAVA_FLOAT, 19, (float) tensor.decay());
        to.setAtIndex(ValueLayout.JAVA_FLOAT, 20, (float) tensor.copy().factor());
        to.setAtIndex(ValueLayout.JAVA_INT, 21, tensor.copy().columns());
    }

    @Override
    public void close() {
        List.of(parameters, chunks, step).forEach(DeviceMemory::close);
    }
}
