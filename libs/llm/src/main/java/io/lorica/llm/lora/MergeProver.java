package io.lorica.llm.lora;

import java.util.List;
import java.util.Optional;

import io.lorica.contracts.adapter.MergeProof;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.StreamedEnds;
import io.lorica.llm.model.WholeTensors;
import io.lorica.llm.projection.StreamedWeight;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.ModelFiles;
import io.lorica.llm.weights.ModelWeightFiles;
import io.lorica.llm.weights.TensorSource;

/// Proves that a merged model's files answer as base and adapter do. The files are read chunk by chunk beside the base
/// that is in memory already, so the proof needs no second model.
///
/// @param base the model that the adapter was trained on
/// @param adapter the adapter
/// @param merged what should have been written
/// @param type what it was rounded to
public record MergeProver(CausalLm base, AdapterParameters adapter, MergedTensors merged, ElementType type) {

    /// Two tokens may move towards each other by the greatest error each.
    private static final int TOKENS_OF_A_TIE = 2;

    /// Reads the files and asks both about rows.
    ///
    /// @param files the merged model
    /// @param rows tokens of rows
    /// @param compared what is compared with what, in words
    public MergeProof prove(ModelFiles files, List<int[]> rows, String compared) {
        try (Autograd off = Autograd.off();
                ModelWeightFiles written = files.openWeights();
                TensorScope scope = TensorScope.open("merge-proof");
                MergeProbe probe = new MergeProbe(adapter.applyTo(base, 0), rows)) {
            MergeProof.Distance ofRounding =
                    probe.compare(new RoundedBase(base, adapter, merged, type).make(scope), Double.POSITIVE_INFINITY);
            MergeProof.Distance distance =
                    probe.compare(read(scope, written), TOKENS_OF_A_TIE * ofRounding.greatestLogitDifference());
            MergeProof.Rounding rounding = new MergeProof.Rounding(
                    ofRounding.greatestLogitDifference(), ofRounding.meanDivergence(), ofRounding.greedyAgreement());
            MergeProof.Matrices matrices = new MergedMatrices(merged, written, type).compare();
            return MergeProof.judged(compared, probe.rows(), probe.positions(), distance, rounding, matrices);
        }
    }

    private CausalLm read(TensorScope scope, ModelWeightFiles written) {
        return new StreamedEnds(scope, base, name -> Optional.of(source(written, name)), base.type())
                .make()
                .withMatrices((site, _) -> new StreamedWeight(source(written, site.matrix()), base.type()));
    }

    private TensorSource source(ModelWeightFiles written, String name) {
        boolean embedding = merged.tied() && name.equals(WholeTensors.HEAD);
        String own = embedding ? WholeTensors.EMBEDDING : name;
        return TensorSource.of(own, written.tensor(own).orElseThrow());
    }
}
