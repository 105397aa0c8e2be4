package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.lorica.llm.cuda.AdamWKernel;
import io.lorica.llm.cuda.AdamWStep;
import io.lorica.llm.cuda.AdamWTensor;
import io.lorica.llm.cuda.AdamWTensors;
import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.cuda.CudaDevice;
import io.lorica.llm.cuda.CudaStream;
import io.lorica.llm.cuda.GradientNorm;
import io.lorica.llm.cuda.Precision;
import io.lorica.llm.quantize.ByteBlocks;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;

/// AdamW's steps by kernels of our own: one launch for a group of parameters, and no memory for what lies in between.
final class CudaSteps implements AutoCloseable {

    private static final GradientNorm.Bound NO_BOUND = new GradientNorm.Bound(1, 0, 0);

    private final CudaDevice device;
    private final AdamWKernel kernel;
    private final List<Listed> groups = new ArrayList<>();
    private final GradientNorm norm;

    /// A group and where its tensors are listed for the kernels.
    private record Listed(ParameterGroup group, AdamWTensors tensors) {}

    private CudaSteps(CudaDevice device, List<ParameterGroup> all, double weightDecay) {
        this.device = device;
        this.kernel = new AdamWKernel(device.kernels(), Precision.F32);
        all.forEach(group -> groups.add(new Listed(group, AdamWTensors.of(device, tensors(group, weightDecay)))));
        this.norm = GradientNorm.of(device, groups.stream().map(Listed::tensors).toList());
    }

    /// Prepares the steps where there is a GPU with our kernels and all moments lie there.
    static Optional<CudaSteps> of(List<ParameterGroup> groups, double weightDecay) {
        boolean here = TensorDevice.current().gpu() && Cuda.available();
        boolean visitors =
                groups.stream().anyMatch(group -> group.moments() instanceof ByteMoments bytes && bytes.visitors());
        return here && !visitors
                ? Optional.of(new CudaSteps(Cuda.device(TensorDevice.current().index()), groups, weightDecay))
                : Optional.empty();
    }

    /// L2 norm of all gradients together.
    double gradientNorm() {
        kernel.norm(CudaStream.current(), norm, NO_BOUND);
        return norm.read();
    }

    /// Moves the parameters along their gradients, unless these or the loss are no finite numbers, or those of a
    /// step before were not.
    ///
    /// @param loss that of the step, float32 without dimensions
    /// @return the norm of the gradients, float32 without dimensions, in the scope of the loss
    Tensor advance(AdamStep step, GradientLimit limit, Tensor loss) {
        kernel.norm(CudaStream.current(), norm, new GradientNorm.Bound(limit.scale(), limit.most(), loss.address()));
        Tensor ofStep = TensorScope.of(loss).empty(ElementType.F32);
        norm.copyTo(CudaStream.current(), ofStep.address());
        AdamWKernel.Gradients bounded = new AdamWKernel.Gradients(norm, false);
        for (Listed listed : groups) {
            AdamWTensors tensors = listed.tensors();
            tensors.set(
                    CudaStream.current(),
                    new AdamWStep(
                            step.number(),
                            step.rate(),
                            step.spec().beta1(),
                            step.spec().beta2(),
                            step.spec().epsilon()));
            switch (listed.group().moments()) {
                case FullMoments _ -> kernel.update(CudaStream.current(), tensors, bounded);
                case ByteMoments bytes ->
                    kernel.updateEightBit(
                            CudaStream.current(),
                            tensors,
                            bounded,
                            bytes.mean().book().numbers().address(),
                            bytes.variance().book().numbers().address());
            }
        }
        return ofStep;
    }

    /// Lets steps move parameters again after one that had no finite numbers.
    void goOn() {
        device.synchronize();
        norm.goOn();
    }

    private static List<AdamWTensor> tensors(ParameterGroup group, double weightDecay) {
        FlatParameters flat = group.parameters();
        long values = flat.values().address();
        long gradients = flat.gradients().address();
        return flat.places().stream()
                .map(place -> new AdamWTensor(
                        values + place.from() * Float.BYTES,
                        gradients + place.from() * Float.BYTES,
                        place.length(),
                        moments(group.moments(), place.from()),
                        group.rateFactor(),
                        weightDecay,
                        AdamWTensor.Copy.NONE))
                .toList();
    }

    private static AdamWTensor.Moments moments(Moments all, long from) {
        return switch (all) {
            case FullMoments(var mean, var variance) ->
                new AdamWTensor.Moments.Full(
                        mean.address() + from * Float.BYTES, variance.address() + from * Float.BYTES);
            case ByteMoments(ByteBlocks mean, ByteBlocks variance, boolean _) ->
                new AdamWTensor.Moments.EightBit(
                        mean.codes().address() + from,
                        variance.codes().address() + from,
                        largest(mean, from),
                        largest(variance, from));
        };
    }

    private static long largest(ByteBlocks blocks, long from) {
        return blocks.largest().address() + from / ByteBlocks.BLOCK * Float.BYTES;
    }

    @Override
    public void close() {
        device.synchronize();
        groups.forEach(listed -> listed.tensors().close());
        norm.close();
    }
}
