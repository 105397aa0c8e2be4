package io.lorica.llm.lora;

import ai.djl.ndarray.NDArray;
import io.lorica.llm.model.ProjectionSite;

/// The adapter of one projection.
///
/// @param site which projection
/// @param a A, `(rank, in)`
/// @param b B, `(out, rank)`
public record LoraPair(ProjectionSite site, NDArray a, NDArray b) {

    String nameOfA() {
        return "base_model.model." + site.path() + ".lora_A.weight";
    }

    String nameOfB() {
        return "base_model.model." + site.path() + ".lora_B.weight";
    }
}
