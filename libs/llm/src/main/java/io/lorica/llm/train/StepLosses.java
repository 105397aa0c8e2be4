package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import io.lorica.llm.tensor.Fetched;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/// What one step's micro-batches measured. A device may still be computing it, and is waited for when it is read.
final class StepLosses implements AutoCloseable {

    private final TensorScope scope;
    private final List<Unread> unread = new ArrayList<>();
    private TokenLoss sums = new TokenLoss();
    private @Nullable Fetched fetched;

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

    /// Begins to fetch the losses and the norm of the step's gradients, so that reading them does not wait for what
    /// the device is given after it.
    ///
    /// @param norm float32 without dimensions
    void fetch(Tensor norm) {
        List<Tensor> all = new ArrayList<>(tensors());
        all.add(norm);
        fetched = Fetched.of(scope, all);
    }

    /// All losses.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `NON_FINITE_LOSS` naming the rows
    TokenLoss read() {
        if (fetched != null) {
            count(fetched);
        } else {
            try (Fetched now = Fetched.of(scope, tensors())) {
                count(now);
            }
        }
        return sums;
    }

    /// The norm that was fetched, once the losses are read.
    double norm() {
        return Objects.requireNonNull(fetched, "nothing was fetched").last()[0];
    }

    private List<Tensor> tensors() {
        return unread.stream()
                .flatMap(one -> Stream.of(one.losses(), one.hits()))
                .toList();
    }

    private void count(Fetched all) {
        List<Unread> counted = List.copyOf(unread);
        unread.clear();
        for (int i = 0; i < counted.size(); i++) {
            CompletionLoss.count(counted.get(i).learned(), all.floats(2 * i), all.floats(2 * i + 1), sums);
        }
    }

    /// Begins again: the step is taken once more.
    void forget() {
        unread.clear();
        sums = new TokenLoss();
    }

    @Override
    public void close() {
        if (fetched != null) {
            fetched.close();
        }
        scope.close();
    }
}
