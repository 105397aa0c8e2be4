package io.lorica.llm.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;

/// What tensors are computed on.
///
/// The system property `lorica.device` or the environment variable `LORICA_DEVICE` chooses: `cpu`, `cuda`, `cuda:1` and
/// so on, or `auto`, the first GPU that libtorch can use and the CPU where there is none.
///
/// @param kind CPU or GPU
/// @param index the GPU's number, -1 for the CPU
/// @param reason why this one, in words
public record TensorDevice(Kind kind, int index, String reason) {

    /// The kinds of device, with their number in libtorch's `DeviceType`.
    public enum Kind {
        CPU(0),
        CUDA(1);

        private final int deviceType;

        Kind(int deviceType) {
            this.deviceType = deviceType;
        }
    }

    private static final String PROPERTY = "lorica.device";
    private static final String VARIABLE = "LORICA_DEVICE";
    private static final String AUTO = "auto";
    private static final String CUDA = "cuda";
    private static final int FIRST_WITH_BRAIN_FLOAT = 80;

    /// Chosen once, at first use.
    private static final class Chosen {
        private static final TensorDevice DEVICE = choose(System.getProperty(PROPERTY, environment()));

        private static String environment() {
            String value = System.getenv(VARIABLE);
            return value == null || value.isBlank() ? AUTO : value;
        }
    }

    /// The device of this process.
    public static TensorDevice current() {
        return Chosen.DEVICE;
    }

    /// The host's processor, whatever the process computes on.
    public static TensorDevice cpu() {
        return new TensorDevice(Kind.CPU, -1, "the host's memory");
    }

    /// Device and library in words, such as `cpu (2 threads), libtorch 2.7.1: no GPU found`.
    public String words() {
        String where = kind == Kind.CPU ? "cpu (" + JniUtils.getNumThreads() + " threads)" : CUDA + ":" + index;
        return where + ", libtorch " + Engine.getInstance().getVersion() + ": " + reason;
    }

    /// The name as `lorica.device` takes it.
    @Override
    public String toString() {
        return kind == Kind.CPU ? "cpu" : CUDA + ":" + index;
    }

    /// Whether it is a GPU.
    public boolean gpu() {
        return kind == Kind.CUDA;
    }

    /// Whether it computes in bfloat16 as fast as in float16: GPUs from Ampere on do.
    public boolean hasBrainFloat() {
        return gpu() && Integer.parseInt(CudaUtils.getComputeCapability(index)) >= FIRST_WITH_BRAIN_FLOAT;
    }

    /// The numbers it computes in best: bfloat16 on GPUs that have it, float16 on older ones, float32 on a CPU.
    public ElementType bestType() {
        if (!gpu()) {
            return ElementType.F32;
        }
        return hasBrainFloat() ? ElementType.BF16 : ElementType.F16;
    }

    /// Gives the device what libtorch holds back of tensors that are gone, for those who ask what is free.
    public void giveBackUnused() {
        if (gpu()) {
            JniUtils.emptyCudaCache();
        }
    }

    int deviceType() {
        return kind.deviceType;
    }

    Device djl() {
        return gpu() ? Device.gpu(index) : Device.cpu();
    }

    static TensorDevice choose(String wish) {
        int gpus = Engine.getInstance().getGpuCount();
        if (wish.equals("cpu")) {
            return new TensorDevice(Kind.CPU, -1, "as " + PROPERTY + " says");
        }
        if (wish.equals(AUTO)) {
            return gpus > 0
                    ? new TensorDevice(Kind.CUDA, 0, "the first of " + gpus + " GPUs")
                    : new TensorDevice(Kind.CPU, -1, "libtorch finds no GPU");
        }
        return gpu(wish, gpus);
    }

    private static TensorDevice gpu(String wish, int gpus) {
        int index = wish.equals(CUDA) ? 0 : index(wish);
        if (index >= gpus) {
            throw new TensorException(PROPERTY + " is '" + wish + "', but libtorch finds " + gpus + " GPUs. Install a "
                    + "libtorch with CUDA (PYTORCH_LIBRARY_PATH, PYTORCH_FLAVOR), or set " + PROPERTY + " to cpu");
        }
        return new TensorDevice(Kind.CUDA, index, "as " + PROPERTY + " says");
    }

    private static int index(String wish) {
        String number = wish.startsWith(CUDA + ":") ? wish.substring(CUDA.length() + 1) : "";
        if (!number.matches("\\d{1,3}")) {
            throw new TensorException(PROPERTY + " is '" + wish + "'; choose auto, cpu, cuda or cuda:N");
        }
        return Integer.parseInt(number);
    }
}
