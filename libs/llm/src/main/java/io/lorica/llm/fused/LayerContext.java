package io.lorica.llm.fused;

import io.lorica.llm.tensor.FlashAttention;
import io.lorica.llm.tensor.Tensor;

/// What the layers of one pass share. Dimensions: N tokens, D elements of a head.
///
/// @param cos cosines of the angles of the tokens' positions, float32 `(N, D/2)`
/// @param sin their sines
/// @param attention attention within the pass's sequences, as far as the layer's window reaches
record LayerContext(Tensor cos, Tensor sin, FlashAttention attention) {}
