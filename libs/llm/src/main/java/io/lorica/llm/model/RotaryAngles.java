package io.lorica.llm.model;

import io.lorica.llm.tensor.Tensor;

/// The angles by which pairs of elements are turned. Dimensions: T positions, D elements of a head.
///
/// @param cos cosines, `(T, D/2)` or `(B, 1, T, D/2)`
/// @param sin sines, of the same shape
public record RotaryAngles(Tensor cos, Tensor sin) {}
