/// The one door to libtorch: scopes that own memory, operations, and automatic differentiation. Every other package
/// sees tensors only through these types; nothing else may touch DJL, nor call native code, but for the CUDA kernels of
/// [io.lorica.llm.cuda], which know no tensors.
@NullMarked
package io.lorica.llm.tensor;

import org.jspecify.annotations.NullMarked;
