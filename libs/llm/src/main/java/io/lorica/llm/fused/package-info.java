/// Training of plain LoRA with gradients written by hand: frozen weights need only the gradients of their
/// inputs, so no graph is recorded, adapters are folded into the products of the frozen weights, and what
/// lies between two products is one pass over memory. `model` with automatic differentiation is the
/// reference that it is tested against.
@NullMarked
package io.lorica.llm.fused;

import org.jspecify.annotations.NullMarked;
