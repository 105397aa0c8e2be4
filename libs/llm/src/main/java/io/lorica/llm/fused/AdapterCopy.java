package io.lorica.llm.fused;

import io.lorica.llm.tensor.Tensor;

/// A parameter and the matrix that the products read instead of it.
///
/// @param parameter float32 `(rows, columns)`; the optimizer may move it to other memory
/// @param target in the model's type, `(rows, columns)`
/// @param factor what the values are multiplied with on the way
record AdapterCopy(Tensor parameter, Tensor target, double factor) {}
