package io.lorica.llm.train;

import java.util.Set;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.ComputeType;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.TrainingOptions;

/// What a job can ask for and the engine does not do. It is refused by name: an option that is ignored would train
/// something else than was asked for.
public final class EngineLimits {

    private static final Set<ComputeType> COMPUTE_TYPES = Set.of(ComputeType.AUTO, ComputeType.FLOAT32);

    private EngineLimits() {}

    /// Refuses a job that asks for more than the engine does.
    ///
    /// @throws ProductException naming the hyper-parameter
    public static void check(JobSpec spec) {
        check(spec.plan().extras());
    }

    private static void check(TrainingOptions options) {
        ComputeType compute = options.precision().compute();
        require(COMPUTE_TYPES.contains(compute), "compute_type", compute.wireName());
    }

    private static void require(boolean available, String parameter, Object value) {
        if (!available) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    parameter,
                    parameter + " is " + value + ", which this version does not do; leave it out.");
        }
    }
}
