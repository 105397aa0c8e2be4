package io.lorica.llm.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.adapter.MergeProof;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.MergeProbe;
import io.lorica.llm.lora.MergedModel;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.EightBitTokens;
import io.lorica.llm.model.FullTokens;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.projection.FrozenWeight;
import io.lorica.llm.projection.FullWeight;
import io.lorica.llm.projection.QuantizedWeight;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.ModelDirectory;
import io.lorica.llm.weights.ModelFiles;

/// Merged weights on disk, and the proof that they answer as base and adapter do: the model is read again from the
/// files that were written and asked about rows of the job.
///
/// @param base the base model as it was trained on
/// @param adapter the trained adapter
/// @param type of the numbers in the files
record MergedExport(CausalLm base, AdapterParameters adapter, ElementType type) {

    /// The file with the proof, beside the weights.
    static final String PROOF = "merge_proof.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    /// Writes weights, configuration, tokenizer and proof.
    ///
    /// @param source where the base model comes from
    /// @param shardBytes how large a weights file may grow
    /// @param probes tokens of rows to ask about
    /// @throws ProductException with `MERGE_PROOF_FAILED` when the merged model is not near enough
    MergeProof write(Path target, ModelFiles source, long shardBytes, List<int[]> probes) {
        new MergedModel(base, adapter, type).write(target, source, shardBytes);
        MergeProof proof = proof(target, probes);
        try {
            Files.writeString(
                    target.resolve(PROOF), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(proof));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + target.resolve(PROOF), e);
        }
        if (!proof.holds()) {
            throw ProductException.of(ErrorCode.MERGE_PROOF_FAILED, refusal(proof));
        }
        return proof;
    }

    private MergeProof proof(Path target, List<int[]> probes) {
        try (MergeProbe probe = new MergeProbe(adapter.applyTo(base, 0), probes);
                TensorScope scope = TensorScope.open("merged-model")) {
            CausalLm merged = ModelLoader.load(scope, new ModelDirectory(target), base.type());
            return probe.compare(merged, compared());
        }
    }

    private String compared() {
        String computed = ", both computed in " + base.type().torchName();
        String files = "the merged model as its files hold it in " + type.torchName() + ends();
        FrozenWeight sample = base.weights()
                .layers()
                .getFirst()
                .projection(ProjectionKind.QUERY)
                .weight();
        return switch (sample) {
            case FullWeight _ -> "base and adapter side by side with " + files + computed;
            case QuantizedWeight quantized ->
                String.format(
                        Locale.ROOT,
                        "base in %.1f bits a weight and adapter side by side, as trained, with %s; what was merged are "
                                + "the quantised weights, not those that they came from%s",
                        8.0 * quantized.bytes() / (quantized.inputs() * quantized.outputs()),
                        files,
                        computed);
        };
    }

    private String ends() {
        return switch (base.weights().embedding()) {
            case FullTokens _ -> "";
            case EightBitTokens _ -> ", whose embedding and head are not in 8 bits";
        };
    }

    private static String refusal(MergeProof proof) {
        return String.format(
                Locale.ROOT,
                "The merged weights do not answer as base and adapter do: mean divergence %.3g nats (at most %.3g), the "
                        + "same first token at %.1f %% of %d positions (at least %.1f %%). They are withheld; use the "
                        + "adapter, which is not affected.",
                proof.meanDivergence(),
                proof.meanDivergenceLimit(),
                100 * proof.greedyAgreement(),
                proof.positions(),
                100 * proof.greedyAgreementLimit());
    }
}
