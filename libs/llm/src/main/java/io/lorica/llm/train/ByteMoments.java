package io.lorica.llm.train;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

import io.lorica.llm.quantize.ByteBlocks;
import io.lorica.llm.quantize.CodeBook;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;

/// Moments in 8 bits (https://arxiv.org/abs/2110.02861): each step makes numbers of the codes, moves them, and takes
/// the
/// nearest codes again.
///
/// @param mean m, in the signed code
/// @param variance v, in the unsigned code
/// @param visitors whether they lie in host memory and visit the device in each step, some at a time
record ByteMoments(ByteBlocks mean, ByteBlocks variance, boolean visitors) implements Moments {

    static ByteMoments zeros(TensorScope scope, long length, boolean visitors) {
        TensorDevice home = visitors ? TensorDevice.cpu() : TensorDevice.current();
        return new ByteMoments(
                ByteBlocks.zeros(scope, CodeBook.signed(scope), home, length),
                ByteBlocks.zeros(scope, CodeBook.unsigned(scope), home, length),
                visitors);
    }

    @Override
    public void move(AdamStep step, long from, Tensor values, Tensor gradient) {
        TensorScope work = TensorScope.of(values);
        ByteBlocks storedMean = mean.part(work, from, values.elements());
        ByteBlocks storedVariance = variance.part(work, from, values.elements());
        Tensor newMean = here(storedMean).values(work);
        Tensor newVariance = here(storedVariance).values(work);
        step.move(values, gradient, newMean, newVariance);
        storedMean.set(ByteBlocks.of(mean.book(), newMean));
        storedVariance.set(ByteBlocks.of(variance.book(), newVariance));
    }

    @Override
    public SequencedMap<String, Tensor> state(TensorScope scope, long from, long length) {
        SequencedMap<String, Tensor> state = new LinkedHashMap<>();
        put(state, "mean", mean.part(scope, from, length));
        put(state, "variance", variance.part(scope, from, length));
        return state;
    }

    @Override
    public long bytes() {
        return mean.bytes() + variance.bytes();
    }

    private ByteBlocks here(ByteBlocks stored) {
        return visitors ? stored.copyTo(TensorDevice.current()) : stored;
    }

    private static void put(SequencedMap<String, Tensor> state, String name, ByteBlocks blocks) {
        state.put(name + ".codes", blocks.codes());
        state.put(name + ".largest", blocks.largest());
    }
}
