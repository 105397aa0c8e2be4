package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.List;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// The losses of one step's micro-batches. Those that the device is still computing are read when they are
/// asked for, so that it has all work of the step before the host waits for it.
final class StepLosses implements AutoCloseable {

    private final TensorScope scope;
    private final List<Unread> unread = new ArrayList<>();
    private TokenLoss sums = new TokenLoss();

    /// What a micro-batch left on the device.
    private record Unread(List<Batch.Learned> learned, Tensor losses, Tensor hits) {}

    StepLosses(TensorScope parent) {
        this.scope = parent.child("losses");
    }

    /// Adds learned tokens; the tensors are taken over.
    ///
    /// @param losses the loss of each, float32 `(n)`
    /// @param hits 1 for each that the model ranked first, else 0, float32 `(n)`
    void add(List<Batch.Learned> learned, Tensor losses, Tensor hits) {
        unread.add(new Unread(learned, scope.adopt(losses), scope.adopt(hits)));
    }

    /// Where losses are counted that have been read already.
    TokenLoss counted() {
        return sums;
    }

    /// The sum of what has not been read, float32 without dimensions: no finite number where one of them is
    /// none.
    Tensor unreadSum() {
        Tensor sum = scope.zeros();
        unread.forEach(one -> sum.addInPlace(one.losses().sum()));
        return sum;
    }

    /// All losses.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `NON_FINITE_LOSS` naming the rows
    TokenLoss read() {
        while (!unread.isEmpty()) {
            Unread first = unread.removeFirst();
            CompletionLoss.count(
                    first.learned(), first.losses().toFloatArray(), first.hits().toFloatArray(), sums);
        }
        return sums;
    }

    /// Begins again: the step is taken once more.
    void forget() {
        unread.clear();
        sums = new TokenLoss();
    }

    @Override
    public void close() {
        scope.close();
    }
}
