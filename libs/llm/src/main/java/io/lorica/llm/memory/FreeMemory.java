package io.lorica.llm.memory;

import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.tensor.TensorDevice;

/// What the device of this process can still give.
public sealed interface FreeMemory {

    /// The device said it.
    ///
    /// @param bytes how much; on a GPU beside the driver's context, which asking has made
    record Known(long bytes) implements FreeMemory {}

    /// Nobody could be asked.
    ///
    /// @param reason why, in words
    record Unknown(String reason) implements FreeMemory {}

    /// Asks the device. What libtorch holds back of tensors that are gone is given back first: the next run gets it.
    static FreeMemory ofDevice() {
        TensorDevice device = TensorDevice.current();
        if (!device.gpu()) {
            return HostMemory.ofProcess()
                    .available()
                    .<FreeMemory>map(Known::new)
                    .orElseGet(() -> new Unknown("this system has no /proc/meminfo"));
        }
        if (!Cuda.available()) {
            return new Unknown(Cuda.status().words());
        }
        device.giveBackUnused();
        return new Known(Cuda.device(device.index()).memory().free());
    }
}
