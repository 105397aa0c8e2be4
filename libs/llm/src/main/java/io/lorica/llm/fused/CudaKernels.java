package io.lorica.llm.fused;

import java.util.List;

import io.lorica.llm.cuda.CollectKernel;
import io.lorica.llm.cuda.CrossEntropyKernel;
import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.cuda.CudaDevice;
import io.lorica.llm.cuda.CudaStream;
import io.lorica.llm.cuda.Precision;
import io.lorica.llm.cuda.RmsNormKernel;
import io.lorica.llm.cuda.RotaryKernel;
import io.lorica.llm.cuda.Rows;
import io.lorica.llm.cuda.SpreadKernel;
import io.lorica.llm.cuda.SwiGluKernel;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;

/// The kernels as CUDA programs of our own, one launch each, on the stream that libtorch works on.
///
/// @param rmsNorm of hidden states
/// @param rotary of queries and keys side by side
/// @param swiGlu of gates and ups side by side
/// @param crossEntropy over the vocabulary
/// @param collect of the adapters' gradients
/// @param spread of the adapters' values
/// @param device where they run
record CudaKernels(
        RmsNormKernel rmsNorm,
        RotaryKernel rotary,
        SwiGluKernel swiGlu,
        CrossEntropyKernel crossEntropy,
        CollectKernel collect,
        SpreadKernel spread,
        CudaDevice device)
        implements Kernels {

    private static final long EACH_TOKEN_ITS_OWN = 0;

    /// The kernels of a model's shape on a GPU.
    static CudaKernels of(int gpu, ModelConfig config, ElementType type) {
        CudaDevice device = Cuda.device(gpu);
        io.lorica.llm.cuda.Kernels kernels = device.kernels();
        Precision precision = precision(type);
        return new CudaKernels(
                new RmsNormKernel(kernels, precision, config.hiddenSize(), config.normEpsilon()),
                new RotaryKernel(kernels, precision, config.headSize()),
                new SwiGluKernel(kernels, precision, config.intermediateSize()),
                new CrossEntropyKernel(kernels, precision, config.vocabularySize()),
                new CollectKernel(kernels, precision),
                new SpreadKernel(kernels, precision),
                device);
    }

    @Override
    public void rmsNorm(Tensor x, Tensor gain, double epsilon, Tensor out, Tensor inverse) {
        rmsNorm.forward(CudaStream.current(), x.size(0), rows(x), gain.address(), rows(out), inverse.address());
    }

    @Override
    public void rmsNormBackward(Tensor gradient, Tensor x, Tensor gain, Tensor inverse, Tensor into) {
        rmsNorm.addBackward(
                CudaStream.current(),
                x.size(0),
                rows(gradient),
                rows(x),
                gain.address(),
                inverse.address(),
                rows(into),
                rows(into));
    }

    @Override
    public void rotate(Tensor from, Tensor to, Tensor cos, Tensor sin, boolean back) {
        int heads = Math.toIntExact(from.size(1));
        long c = cos.address();
        long s = sin.address();
        if (back) {
            rotary.backward(CudaStream.current(), from.size(0), heads, rows(from), rows(to), EACH_TOKEN_ITS_OWN, c, s);
        } else {
            rotary.forward(CudaStream.current(), from.size(0), heads, rows(from), rows(to), EACH_TOKEN_ITS_OWN, c, s);
        }
    }

    @Override
    public void swiGlu(Tensor gateUp, Tensor out) {
        swiGlu.forward(CudaStream.current(), out.size(0), rows(gateUp), rows(out));
    }

    @Override
    public void swiGluBackward(Tensor gradient, Tensor gateUp, Tensor into, Tensor out) {
        swiGlu.backward(CudaStream.current(), gradient.size(0), rows(gateUp), rows(gradient), rows(into), rows(out));
    }

    @Override
    public GradientCollector collector(List<AdapterGroup.Member> members) {
        return new CudaCollector(collect, device, members);
    }

    @Override
    public AdapterCopier copier(List<AdapterCopy> copies) {
        return new CudaCopier(spread, device, copies);
    }

    @Override
    public LayerInputs hostInputs() {
        return new PinnedInputs(device);
    }

    @Override
    public void crossEntropy(Tensor logits, Tensor targets, Tensor weights, Tensor losses, Tensor hits) {
        crossEntropy.gradient(
                CudaStream.current(),
                logits.size(0),
                rows(logits),
                targets.address(),
                weights.address(),
                losses.address(),
                hits.address(),
                1);
    }

    static Rows rows(Tensor matrix) {
        return new Rows(matrix.address(), matrix.stride(0));
    }

    private static Precision precision(ElementType type) {
        return switch (type) {
            case F32 -> Precision.F32;
            case F16 -> Precision.F16;
            case BF16 -> Precision.BF16;
            case F64, I64, I32, I8, U8, BOOL, F8_E4M3 ->
                throw new IllegalArgumentException("no model computes in " + type.torchName());
        };
    }
}
