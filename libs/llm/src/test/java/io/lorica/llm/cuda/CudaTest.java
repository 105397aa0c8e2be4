package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

class CudaTest {

    @Test
    void saysWhatIsMissingWhereverADeviceIsAskedFor() {
        assumeFalse(Cuda.available(), "CUDA is here");
        assertThat(Cuda.status()).isInstanceOf(CudaStatus.Missing.class);
        assertThatThrownBy(() -> Cuda.device(0))
                .isInstanceOf(CudaException.class)
                .hasMessage(Cuda.status().words());
    }

    @Test
    void tellsWhatTheDeviceIs() {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            CudaDevice device = gpu.device();
            assertThat(device.name()).isNotBlank();
            assertThat(device.architecture()).isGreaterThanOrEqualTo(50);
            assertThat(device.multiprocessors()).isPositive();
            assertThat(device.memory().free()).isBetween(1L, device.memory().total());
            assertThat(device).hasToString("cuda:0");
        }
    }

    @Test
    void namesTheCallThatFails() {
        try (GpuArrays gpu = GpuArrays.onGpu()) {
            assertThatThrownBy(() -> DeviceMemory.allocate(gpu.device(), 1L << 50))
                    .isInstanceOf(CudaException.class)
                    .hasMessageContaining("cuMemAlloc_v2")
                    .hasMessageContaining("CUDA_ERROR_OUT_OF_MEMORY");
        }
    }

    @Test
    void copiesThroughPinnedMemoryInAStreamsOrder() {
        try (GpuArrays gpu = GpuArrays.onGpu();
                Arena arena = Arena.ofConfined();
                CudaStream stream = CudaStream.open(gpu.device());
                CudaStream other = CudaStream.open(gpu.device());
                CudaEvent copied = CudaEvent.open(gpu.device());
                PinnedMemory from = PinnedMemory.allocate(gpu.device(), 4096);
                PinnedMemory to = PinnedMemory.of(gpu.device(), arena.allocate(4096, 4096))) {
            // Given
            from.segment().fill((byte) 42);
            DeviceMemory memory = gpu.room(4096);

            // When
            from.copyTo(stream.handle(), memory.address(), 4096);
            copied.record(stream.handle());
            other.await(copied);
            to.copyFrom(other.handle(), memory.address(), 4096);
            other.synchronize();

            // Then
            assertThat(to.segment().mismatch(from.segment())).isEqualTo(-1);
        }
    }

    @Test
    void measuresTimeBetweenEvents() {
        try (GpuArrays gpu = GpuArrays.onGpu();
                CudaEvent start = CudaEvent.open(gpu.device());
                CudaEvent end = CudaEvent.open(gpu.device());
                Arena arena = Arena.ofConfined()) {
            // Given
            MemorySegment bytes = arena.allocate(1 << 20);
            DeviceMemory memory = gpu.room(1 << 20);

            // When
            start.record(CudaStream.DEFAULT);
            memory.write(bytes);
            end.record(CudaStream.DEFAULT);
            end.synchronize();

            // Then
            assertThat(start.millisecondsUntil(end)).isPositive();
        }
    }
}
