package io.lorica.llm.fused;

import java.util.ArrayList;
import java.util.List;

import io.lorica.llm.lora.LoraPair;
import io.lorica.llm.model.JoinedWeights;
import io.lorica.llm.tensor.Products;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// A joined matrix W with the adapters of its projections: y = W · x + s · B · A · x, computed as one
/// product of \[W, s·B\] with \[x, A·x\]. Dimensions: N tokens, I inputs, O outputs, R columns of adapters,
/// r the rank of one.
final class AdapterGroup implements AutoCloseable {

    private final AdaptedMatrix matrix;
    private final List<Member> members;
    private final GradientCollector collector;
    private final Tensor transposedA;

    /// One adapter of the group.
    ///
    /// @param pair its A, B and scale
    /// @param column where its columns begin among the R
    /// @param output where its outputs begin among the O
    /// @param gradientA collected gradient of A, float32 `(r, I)`
    /// @param gradientB collected gradient of B, float32 `(out, r)`
    record Member(LoraPair pair, int column, int output, Tensor gradientA, Tensor gradientB) {

        long rank() {
            return pair.a().size(0);
        }

        long outputs() {
            return pair.b().size(0);
        }

        /// Adds its parts of what was computed for the whole group, `(R, I)` and `(O, R)`.
        void add(Tensor ofA, Tensor ofB) {
            gradientA.addInPlace(rows(ofA, this));
            Tensor own = Tensors.narrow(Tensors.narrow(ofB, 0, output, outputs()), 1, column, rank());
            gradientB.addInPlace(own.mul(pair.scale()));
        }
    }

    AdapterGroup(TensorScope scope, JoinedWeights weights, List<Member> members, Kernels kernels) {
        int ranks = members.stream()
                .mapToInt(member -> Math.toIntExact(member.rank()))
                .sum();
        this.matrix = AdaptedMatrix.of(scope, weights, ranks);
        this.members = List.copyOf(members);
        this.collector = kernels.collector(this.members);
        this.transposedA = matrix.rows().transpose(0, 1);
    }

    /// Takes what the first pass needs, once the gradients stay where they are.
    void prepare() {
        if (!members.isEmpty()) {
            collector.prepare();
        }
    }

    /// I
    int inputs() {
        return matrix.weights().inputs();
    }

    /// O
    int outputs() {
        return matrix.weights().outputs();
    }

    /// R
    int room() {
        return matrix.room();
    }

    /// Where A and s·B of each adapter go.
    List<AdapterCopy> copies() {
        List<AdapterCopy> copies = new ArrayList<>();
        for (Member member : members) {
            LoraPair pair = member.pair();
            Tensor rows = Tensors.narrow(matrix.columns(), 0, member.output(), member.outputs());
            copies.add(new AdapterCopy(pair.a(), rows(matrix.rows(), member), 1));
            copies.add(
                    new AdapterCopy(pair.b(), Tensors.narrow(rows, 1, member.column(), member.rank()), pair.scale()));
        }
        return copies;
    }

    /// The memory for N inputs; the caller fills [Augmented#inputs].
    Augmented input(TensorScope scope, int count) {
        return Augmented.empty(scope, matrix.type(), count, matrix.weights().inputs(), matrix.room());
    }

    /// The norm of x `(N, E)` as inputs, completed.
    ///
    /// @param inverse what the norm's way back needs, float32 `(N)`
    Augmented normed(TensorScope scope, Norm norm, Tensor x, Tensor inverse) {
        Augmented normed = input(scope, Math.toIntExact(x.size(0)));
        norm.apply(x, normed.inputs(), inverse);
        complete(normed);
        return normed;
    }

    /// A · x alone, `(N, R)`, for inputs `(N, I)` in memory without room.
    Tensor inner(TensorScope scope, Tensor inputs) {
        Tensor inner = scope.empty(matrix.type(), inputs.size(0), matrix.room());
        if (matrix.room() > 0) {
            Products.multiply(inner, inputs, transposedA);
        }
        return inner;
    }

    /// Computes A · x behind the inputs.
    void complete(Augmented x) {
        if (matrix.room() > 0) {
            Products.multiply(x.inner(), x.inputs(), transposedA);
        }
    }

    /// y = \[W, s·B\] · \[x, A·x\] + b, `(N, O)`.
    Tensor forward(TensorScope scope, Augmented x) {
        Tensor y =
                scope.empty(matrix.type(), x.whole().size(0), matrix.weights().outputs());
        matrix.multiply(y, x);
        return y;
    }

    /// into += \[W, s·B\] · \[x, A·x\] + b
    void addForward(Augmented x, Tensor into) {
        matrix.add(into, x);
    }

    /// The gradient of x, `(N, I)`, and behind it that of A · x.
    ///
    /// @param gradient of y, `(N, O)`
    Augmented inputGradient(TensorScope scope, Tensor gradient) {
        Augmented d = input(scope, Math.toIntExact(gradient.size(0)));
        matrix.back(d, gradient);
        return d;
    }

    /// The same for a gradient with room behind it, which may be filled on the way.
    Augmented inputGradient(TensorScope scope, Augmented gradient) {
        return matrix.back(input(scope, Math.toIntExact(gradient.inputs().size(0))), gradient);
    }

    /// Collects the gradients of all A and B: ∂A = (s·B)ᵀ · ∂y · xᵀ and ∂B = s · ∂y · (A·x)ᵀ.
    ///
    /// @param gradient of y, `(N, O)`
    /// @param ofInner what [#inputGradient] gave behind the gradient of x, `(N, R)`
    /// @param x the inputs, completed
    void collect(TensorScope scope, Tensor gradient, Tensor ofInner, Augmented x) {
        collect(scope, gradient, ofInner, x.inputs(), x.inner());
    }

    /// The same where inputs `(N, I)` and A · x `(N, R)` do not lie side by side.
    void collect(TensorScope scope, Tensor gradient, Tensor ofInner, Tensor inputs, Tensor inner) {
        if (members.isEmpty()) {
            return;
        }
        try (TensorScope work = scope.child("adapter-gradients")) {
            Tensor ofA =
                    work.empty(matrix.type(), matrix.room(), matrix.weights().inputs());
            Products.multiply(ofA, work.borrow(ofInner).transpose(0, 1), inputs);
            // One product for all members: what lies off their diagonal is not used, but several cost more.
            Tensor ofB = work.empty(matrix.type(), gradient.size(1), matrix.room());
            Products.multiply(ofB, work.borrow(gradient).transpose(0, 1), inner);
            collector.add(ofA, ofB);
        }
    }

    @Override
    public void close() {
        collector.close();
    }

    private static Tensor rows(Tensor ofAll, Member member) {
        return Tensors.narrow(ofAll, 0, member.column(), member.rank());
    }
}
