package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/// Arrays on the GPU for tests of kernels, with what they hold in double precision on the host.
final class GpuArrays implements AutoCloseable {

    private static final byte POISON = 0x7f;

    private final CudaDevice device;
    private final List<DeviceMemory> memories = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(3407);

    private GpuArrays(CudaDevice device) {
        this.device = device;
    }

    /// On the first GPU; where there is none the test is skipped, with the reason.
    static GpuArrays onGpu() {
        assumeTrue(Cuda.available(), () -> Cuda.status().words());
        return new GpuArrays(Cuda.device(0));
    }

    CudaDevice device() {
        return device;
    }

    Kernels kernels() {
        return device.kernels();
    }

    /// An array on the GPU.
    ///
    /// @param precision how it is stored
    /// @param values what was stored, as rounded there
    record Array(DeviceMemory memory, Precision precision, double[] values) {

        long address() {
            return memory.address();
        }

        /// As a matrix of rows that follow each other.
        Rows rows(long width) {
            return new Rows(address(), width);
        }

        /// What is stored there now.
        double[] read() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment bytes = arena.allocate(memory.bytes(), Long.BYTES);
                memory.read(bytes);
                double[] now = new double[values.length];
                for (int i = 0; i < now.length; i++) {
                    now[i] = Stored.get(precision, bytes, i);
                }
                return now;
            }
        }
    }

    /// Normal numbers.
    Array normal(Precision precision, int count, double scale) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = scale * gaussian();
        }
        return of(precision, values);
    }

    /// The values, rounded.
    Array of(Precision precision, double... values) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(Math.max(1, (long) values.length * precision.bytes()), Long.BYTES);
            double[] rounded = new double[values.length];
            for (int i = 0; i < values.length; i++) {
                Stored.put(precision, bytes, i, values[i]);
                rounded[i] = Stored.get(precision, bytes, i);
            }
            return new Array(upload(bytes), precision, rounded);
        }
    }

    /// Room for a result, full of numbers that no kernel writes.
    Array result(Precision precision, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate((long) count * precision.bytes(), Long.BYTES);
            bytes.fill(POISON);
            return new Array(upload(bytes), precision, new double[count]);
        }
    }

    long longs(long... values) {
        try (Arena arena = Arena.ofConfined()) {
            return upload(arena.allocateFrom(ValueLayout.JAVA_LONG, values)).address();
        }
    }

    DeviceMemory bytes(byte... values) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(values.length, Long.BYTES);
            return upload(bytes.copyFrom(MemorySegment.ofArray(values)));
        }
    }

    byte[] read(DeviceMemory memory) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(memory.bytes());
            memory.read(bytes);
            return bytes.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    float[] floats(long address, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(ValueLayout.JAVA_FLOAT, count);
            device.activated().call("cuMemcpyDtoH_v2", bytes, address, bytes.byteSize());
            return bytes.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    DeviceMemory room(long bytes) {
        DeviceMemory memory = DeviceMemory.allocate(device, bytes);
        memories.add(memory);
        return memory;
    }

    private double gaussian() {
        return Math.sqrt(-2 * Math.log(1 - random.nextDouble())) * Math.cos(2 * Math.PI * random.nextDouble());
    }

    private DeviceMemory upload(MemorySegment bytes) {
        DeviceMemory memory = DeviceMemory.of(device, bytes);
        memories.add(memory);
        return memory;
    }

    @Override
    public void close() {
        memories.forEach(DeviceMemory::close);
    }
}
