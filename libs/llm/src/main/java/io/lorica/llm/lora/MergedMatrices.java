package io.lorica.llm.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

import io.lorica.contracts.adapter.MergeProof;
import io.lorica.llm.model.ProjectionSite;
import io.lorica.llm.model.WholeTensors;
import io.lorica.llm.projection.Dense;
import io.lorica.llm.projection.DoraProjection;
import io.lorica.llm.projection.LoraProjection;
import io.lorica.llm.projection.Projection;
import io.lorica.llm.projection.StreamedWeight;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.ModelWeightFiles;
import io.lorica.llm.weights.StoredTensor;
import io.lorica.llm.weights.TensorSource;
import org.jspecify.annotations.Nullable;

/// Compares the tensors of a merged model's files with base and adapter. An adapted matrix is applied to the directions
/// that its adapter reads and to some random ones, and so is the projection with the adapter beside it: both differ by
/// rounding, and the change from the base is the adapter's once, not twice and not half. All other tensors are the
/// base's, rounded.
///
/// Dimensions: r directions, `in` and `out` of the projection.
///
/// @param merged what should have been written
/// @param written what was written
/// @param type what it was rounded to
record MergedMatrices(MergedTensors merged, ModelWeightFiles written, ElementType type) {

    /// How many times the error that rounding leaves a right merge may have: errors of many elements hardly scatter.
    private static final double GREATEST_ERROR = 4;
    /// How many deviations the factor of the adapter's change may be off, and how much whatever the rounding.
    private static final double DEVIATIONS = 6;
    private static final double FACTOR_ROOM = 0.01;
    /// The rounding of sums in float32, as a share of them.
    private static final double OF_SUMS = 1e-5;
    private static final int RANDOM_DIRECTIONS = 4;

    MergeProof.Matrices compare() {
        List<Judged> judged = new ArrayList<>();
        WholeTensors.shapes(merged.config()).keySet().stream()
                .filter(name -> !merged.tied() || !name.equals(WholeTensors.HEAD))
                .forEach(name -> judged.add(unchanged(merged.whole(name))));
        merged.sites().map(this::judged).forEach(judged::add);
        return new MergeProof.Matrices(
                judged.size(),
                judged.stream().mapToDouble(Judged::error).max().orElse(0),
                judged.stream()
                        .map(Judged::wrong)
                        .filter(text -> text != null)
                        .findFirst()
                        .orElse(null));
    }

    /// A tensor's error in units of its rounding, and its fault if it has one.
    private record Judged(double error, @Nullable String wrong) {}

    private Judged judged(ProjectionSite site) {
        return merged.pair(site).map(pair -> adapted(site, pair)).orElseGet(() -> unchanged(merged.frozen(site)));
    }

    private Judged unchanged(TensorSource expected) {
        StoredTensor stored = written.tensor(expected.name()).orElseThrow();
        boolean[] equal = {true};
        expected.forEachChunk((first, rows) -> {
            TensorScope scope = TensorScope.of(rows);
            Tensor actual =
                    stored.loadRows(scope, ElementType.F32, first, stored.shape().length == 0 ? 1 : rows.size(0));
            Tensor difference = rows.to(type).to(ElementType.F32).sub(actual);
            equal[0] &= difference.abs().max().toFloat() == 0;
        });
        return equal[0] ? new Judged(0, null) : new Judged(0, expected.name() + " is not the base's");
    }

    private Judged adapted(ProjectionSite site, LoraPair pair) {
        try (TensorScope work = TensorScope.open("merged-matrix")) {
            TensorSource file =
                    TensorSource.of(site.matrix(), written.tensor(site.matrix()).orElseThrow());
            Tensor x = directions(work, pair);
            Dense frozen = new Dense(new StreamedWeight(merged.frozen(site), ElementType.F32), null);
            Tensor before = frozen.apply(x);
            Tensor expected = beside(frozen, pair).apply(x);
            Tensor actual = new StreamedWeight(file, ElementType.F32).multiply(x, null);
            Tensor otherwise = new StreamedWeight(file.mapped(rows -> RoundedBase.shifted(rows, type)), ElementType.F32)
                    .multiply(x, null);
            double rounding = length(otherwise.sub(actual)) + OF_SUMS * length(expected);
            double error = length(actual.sub(expected)) / rounding;
            Tensor change = expected.sub(before);
            return new Judged(
                    error, fault(site, error, factor(actual.sub(before), change), deviation(change, rounding)));
        }
    }

    private static Projection beside(Dense frozen, LoraPair pair) {
        LoraProjection lora = new LoraProjection(frozen, pair.a(), pair.b(), pair.scale(), 0);
        Tensor magnitude = pair.magnitude();
        return magnitude == null ? lora : new DoraProjection(lora, magnitude);
    }

    /// The rows of A and random ones, each of length 1: `(r, in)`.
    private static Tensor directions(TensorScope scope, LoraPair pair) {
        int inputs = Math.toIntExact(pair.a().size(1));
        Random random = new Random(inputs);
        float[] values = new float[RANDOM_DIRECTIONS * inputs];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        Tensor own = scope.borrow(pair.a()).to(ElementType.F32);
        Tensor all = Tensor.concat(List.of(own, scope.floats(values, RANDOM_DIRECTIONS, inputs)), 0);
        Tensor lengths = all.mul(all).sum(1).sqrt().atLeast(Float.MIN_NORMAL).reshape(-1, 1);
        return all.div(lengths);
    }

    /// The multiple of the adapter's change that is nearest to the change that is there; 1 where it changes nothing.
    private static double factor(Tensor there, Tensor change) {
        double square = sum(change.mul(change));
        return square == 0 ? 1 : sum(there.mul(change)) / square;
    }

    /// How far rounding alone moves that factor: its errors are spread over the outputs.
    private static double deviation(Tensor change, double rounding) {
        double length = length(change);
        return length == 0 ? 0 : rounding / (length * Math.sqrt((double) change.size(1)));
    }

    private static @Nullable String fault(ProjectionSite site, double error, double factor, double deviation) {
        // A number that is none is a fault too.
        boolean once = Math.abs(factor - 1) <= DEVIATIONS * deviation + FACTOR_ROOM;
        if (!once) {
            return String.format(
                    Locale.ROOT, "%s has the adapter's change %.2f times instead of once", site.matrix(), factor);
        }
        return error <= GREATEST_ERROR
                ? null
                : String.format(Locale.ROOT, "%s has %.3g times the error of rounding", site.matrix(), error);
    }

    private static double length(Tensor tensor) {
        return Math.sqrt(sum(tensor.mul(tensor)));
    }

    private static double sum(Tensor tensor) {
        return tensor.sum().toFloat();
    }
}
