package io.lorica.llm.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.EvaluationSpec;
import io.lorica.contracts.job.EvaluationStanding;
import io.lorica.contracts.job.GradientCheckpointing;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.OptimizerKind;
import io.lorica.contracts.job.TrainingOptions;
import io.lorica.contracts.job.TrainingPlan;
import org.jspecify.annotations.Nullable;

/// Where a run stands, as `trainer_state.json` beside the adapter and `optimizer.safetensors`. Order of rows and
/// dropout follow from seed and step, so no random state is needed.
///
/// @param step optimizer steps done
/// @param epoch the epoch that the next step belongs to, from 0
/// @param trainedTokens tokens learned so far
/// @param seed the job's seed
/// @param optimizer the optimizer whose state it is
/// @param digest digest of all that must be the same for a run to go on, see [#digest]
/// @param lossScale how the loss is scaled, null where it is not
/// @param standing how the validation loss has gone so far, null where it was not measured
record Checkpoint(
        int step,
        int epoch,
        long trainedTokens,
        int seed,
        OptimizerKind optimizer,
        String digest,
        @JsonInclude(JsonInclude.Include.NON_NULL) LossScale.@Nullable State lossScale,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable EvaluationStanding standing) {

    static final String STATE = "trainer_state.json";
    static final String OPTIMIZER = "optimizer.safetensors";

    private static final ObjectMapper JSON = new ObjectMapper();

    static Checkpoint read(Path directory) {
        try {
            return JSON.readValue(Files.readString(directory.resolve(STATE)), Checkpoint.class);
        } catch (JsonProcessingException e) {
            throw unusable("its " + STATE + " is not valid");
        } catch (IOException e) {
            throw unusable("its " + STATE + " cannot be read");
        }
    }

    void write(Path directory) {
        try {
            Files.writeString(
                    directory.resolve(STATE),
                    JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the checkpoint to " + directory, e);
        }
    }

    /// What a checkpoint and the run that goes on from it must share: model, adapter, seed, batches, optimizer and
    /// rows. How long to train may differ, so that a finished run can be prolonged.
    static String digest(JobSpec spec, List<TokenizedExample> rows) {
        MessageDigest sha256 = sha256();
        TrainingPlan plan = spec.plan();
        String settings = String.join(
                "|",
                spec.model().toString(),
                spec.template().digest(),
                spec.lora().toString(),
                String.valueOf(spec.seed()),
                plan.batchSize() + "x" + plan.gradientAccumulation(),
                plan.learningRate() + " " + plan.schedule() + " " + plan.warmupSteps(),
                plan.weightDecay() + " " + plan.maxGradientNorm() + " " + plan.maxSequenceLength(),
                options(plan.extras()));
        sha256.update(settings.getBytes(StandardCharsets.UTF_8));
        for (TokenizedExample row : rows) {
            sha256.update((byte) '\n');
            sha256.update(Integer.toString(row.learnedFrom()).getBytes(StandardCharsets.UTF_8));
            for (int token : row.tokens()) {
                sha256.update(
                        new byte[] {(byte) (token >>> 24), (byte) (token >>> 16), (byte) (token >>> 8), (byte) token});
            }
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    /// The options that change numbers: not when a run measures itself, nor what it keeps in memory.
    private static String options(TrainingOptions options) {
        return options.with(EvaluationSpec.DEFAULTS)
                .with(GradientCheckpointing.NONE)
                .toString();
    }

    static ProductException unusable(String reason) {
        return ProductException.of(
                ErrorCode.INVALID_REQUEST, "The run cannot go on from this checkpoint: " + reason + ".");
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
