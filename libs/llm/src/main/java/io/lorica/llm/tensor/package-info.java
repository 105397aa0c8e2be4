/// The one door to libtorch: scopes that own memory, operations, and automatic differentiation. Every other package
/// sees tensors only through these types and through DJL's `NDArray`; nothing else may call native code.
@NullMarked
package io.lorica.llm.tensor;

import org.jspecify.annotations.NullMarked;
