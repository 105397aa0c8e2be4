package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/// What one optimizer step measured.
///
/// @param step the step's number, from 1
/// @param totalSteps how many steps the job has
/// @param trainLoss mean cross-entropy over the step's learned tokens, in nats
/// @param trainTokenAccuracy share of learned tokens that the model ranked first
/// @param thinkLoss the same loss over reasoning tokens only, null where the step had none
/// @param answerLoss the same loss over answer tokens only, null where the step had none
/// @param gradientNorm L2 norm of all gradients before clipping
/// @param learningRate the rate that the step used
/// @param tokensPerSecond input tokens per second of wall time
/// @param trainedTokens learned tokens since the job began
/// @param validationLoss loss on the validation rows after this step, null where it was not measured
/// @param validationTokenAccuracy accuracy on the validation rows, null where it was not measured
/// @param standing how the validation loss has gone so far, null where it was not measured
/// @param gpuMemory bytes that the attempt has taken of its GPU by then, null on a CPU and where it cannot be told
public record StepMetrics(
        int step,
        int totalSteps,
        double trainLoss,
        double trainTokenAccuracy,
        @Nullable Double thinkLoss,
        @Nullable Double answerLoss,
        double gradientNorm,
        double learningRate,
        double tokensPerSecond,
        long trainedTokens,
        @Nullable Double validationLoss,
        @Nullable Double validationTokenAccuracy,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable EvaluationStanding standing,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long gpuMemory) {

    /// The same step with what was measured after it.
    public StepMetrics measured(double loss, double tokenAccuracy, @Nullable EvaluationStanding after) {
        return with(loss, tokenAccuracy, after, gpuMemory);
    }

    /// The same step with what the attempt has taken of its GPU.
    public StepMetrics withGpuMemory(@Nullable Long bytes) {
        return with(validationLoss, validationTokenAccuracy, standing, bytes);
    }

    private StepMetrics with(
            @Nullable Double loss,
            @Nullable Double tokenAccuracy,
            @Nullable EvaluationStanding after,
            @Nullable Long memory) {
        return new StepMetrics(
                step,
                totalSteps,
                trainLoss,
                trainTokenAccuracy,
                thinkLoss,
                answerLoss,
                gradientNorm,
                learningRate,
                tokensPerSecond,
                trainedTokens,
                loss,
                tokenAccuracy,
                after,
                memory);
    }
}
