package io.lorica.llm.train;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// Moments in float32.
///
/// @param mean m
/// @param variance v
record FullMoments(Tensor mean, Tensor variance) implements Moments {

    static FullMoments zeros(TensorScope scope, long length) {
        return new FullMoments(scope.zeros(length), scope.zeros(length));
    }

    @Override
    public void move(AdamStep step, long from, Tensor values, Tensor gradient) {
        TensorScope work = TensorScope.of(values);
        long length = values.elements();
        step.move(values, gradient, part(work, mean, from, length), part(work, variance, from, length));
    }

    @Override
    public SequencedMap<String, Tensor> state(TensorScope scope, long from, long length) {
        SequencedMap<String, Tensor> state = new LinkedHashMap<>();
        state.put("mean", part(scope, mean, from, length));
        state.put("variance", part(scope, variance, from, length));
        return state;
    }

    @Override
    public long bytes() {
        return mean.bytes() + variance.bytes();
    }

    private static Tensor part(TensorScope scope, Tensor all, long from, long length) {
        return Tensors.narrow(scope.borrow(all), 0, from, length);
    }
}
