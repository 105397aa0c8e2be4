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
import io.lorica.gguf.TensorEncoding;
import io.lorica.llm.export.GgufExport;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.MergeProver;
import io.lorica.llm.lora.MergedModel;
import io.lorica.llm.lora.MergedTensors;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.EightBitTokens;
import io.lorica.llm.model.FullTokens;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.model.StreamedTokens;
import io.lorica.llm.projection.FrozenWeight;
import io.lorica.llm.projection.FullWeight;
import io.lorica.llm.projection.QuantizedWeight;
import io.lorica.llm.projection.StreamedWeight;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.weights.ModelDirectory;
import io.lorica.llm.weights.ModelFiles;

/// Merged weights on disk, and the proof that they answer as base and adapter do: the files that were written are read
/// again and asked about rows of the job ([MergeProver]).
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
        try (MergedTensors merged = new MergedTensors(base, adapter, source)) {
            new MergedModel(merged, type).write(target, source, shardBytes);
            MergeProof proof =
                    new MergeProver(base, adapter, merged, type).prove(new ModelDirectory(target), probes, compared());
            save(proof, target.resolve(PROOF));
            if (!proof.holds()) {
                throw ProductException.of(ErrorCode.MERGE_PROOF_FAILED, proof.sentence());
            }
            return proof;
        }
    }

    private static void save(MergeProof proof, Path file) {
        try {
            Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(proof));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /// Writes the merged model as a GGUF file. Its tensors are made of base and adapter once more, not of the 16 bits
    /// of the merged files, so that each is rounded once.
    ///
    /// @param merged the directory that [#write] has written, for configuration and tokenizer
    void writeGguf(Path file, ModelFiles source, Path merged, String name, TensorEncoding encoding) {
        try (MergedTensors tensors = new MergedTensors(base, adapter, source)) {
            GgufExport.model(new ModelDirectory(merged), tensors.all(), file, name, encoding);
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
            case FullWeight _, StreamedWeight _ -> "base and adapter side by side with " + files + computed;
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
            case FullTokens _, StreamedTokens _ -> "";
            case EightBitTokens _ -> ", whose embedding and head are not in 8 bits";
        };
    }
}
