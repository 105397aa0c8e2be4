package io.lorica.llm.memory;

import java.util.OptionalLong;

import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.tensor.TensorDevice;

/// What has been taken of the device's memory since the watch began, at the peak. Two runs at once in one process, or
/// other processes on the same GPU, are counted together.
public sealed interface MemoryWatch {

    /// The most that was taken so far, in bytes; empty where it cannot be told.
    OptionalLong taken();

    /// Begins to watch the device of this process.
    ///
    /// @param before what it could give when it was asked last
    static MemoryWatch begin(FreeMemory before) {
        if (TensorDevice.current().gpu()) {
            return before instanceof FreeMemory.Known known ? new OfGpu(known.bytes()) : new Blind();
        }
        HostMemory host = HostMemory.ofProcess();
        host.resetPeak();
        return OfHost.of(host);
    }

    /// libtorch gives nothing back by itself, so what is gone from a GPU is the peak.
    ///
    /// @param before the bytes that were free
    record OfGpu(long before) implements MemoryWatch {

        @Override
        public OptionalLong taken() {
            long now = Cuda.device(TensorDevice.current().index()).memory().free();
            return OptionalLong.of(Math.max(0, before - now));
        }
    }

    /// By how much the process has grown: tensors, and what the JVM and files read meanwhile take.
    ///
    /// @param resident bytes that the process had at the start
    /// @param earlier its peak until then
    record OfHost(HostMemory host, long resident, long earlier) implements MemoryWatch {

        static MemoryWatch of(HostMemory host) {
            OptionalLong resident = host.resident();
            OptionalLong peak = host.peak();
            return resident.isPresent() && peak.isPresent()
                    ? new OfHost(host, resident.getAsLong(), peak.getAsLong())
                    : new Blind();
        }

        @Override
        public OptionalLong taken() {
            OptionalLong peak = host.peak();
            // A peak that has not moved may be of what ran before.
            return peak.isPresent() && peak.getAsLong() > earlier
                    ? OptionalLong.of(peak.getAsLong() - resident)
                    : OptionalLong.empty();
        }
    }

    /// Sees nothing.
    record Blind() implements MemoryWatch {

        @Override
        public OptionalLong taken() {
            return OptionalLong.empty();
        }
    }
}
