package io.lorica.dataset.api;

import java.util.Arrays;
import java.util.stream.Collectors;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.job.RowPolicy;
import org.jspecify.annotations.Nullable;

/// Reads the query `train_on`, a job's hyper-parameter of that name.
final class TrainOn {

    private TrainOn() {}

    /// The choice of that name, a job's default where there is none.
    static LossRegion read(@Nullable String name) {
        return name == null ? RowPolicy.DEFAULTS.trainOn() : LossRegion.of(name).orElseThrow(() -> unknown(name));
    }

    private static ProductException unknown(String name) {
        String names =
                Arrays.stream(LossRegion.values()).map(LossRegion::wireName).collect(Collectors.joining(", "));
        return ProductException.forParameter(
                ErrorCode.INVALID_REQUEST, "train_on", "train_on must be one of " + names + ", not '" + name + "'.");
    }
}
