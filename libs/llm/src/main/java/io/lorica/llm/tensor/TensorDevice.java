package io.lorica.llm.tensor;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;

/// What tensors are computed on.
public final class TensorDevice {

    private TensorDevice() {}

    /// Device, library and number format in words, such as `cpu (2 threads), libtorch 2.7.1, float32`.
    public static String words() {
        Engine engine = Engine.getInstance();
        return "cpu (" + JniUtils.getNumThreads() + " threads), libtorch " + engine.getVersion() + ", float32";
    }
}
