package io.lorica.llm.model;

import io.lorica.llm.tensor.Tensor;

/// Gains of the norms that Qwen3 puts on each head before it is rotated. Dimensions: D elements of a head.
///
/// @param query the gain of queries, `(D)`
/// @param key the gain of keys, `(D)`
public record HeadNorms(Tensor query, Tensor key) {}
