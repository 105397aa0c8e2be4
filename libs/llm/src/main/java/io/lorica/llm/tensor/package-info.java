/// The one door to libtorch: scopes that own memory, operations, and automatic differentiation. Every other package
/// sees tensors only through these types; nothing else may touch DJL or call native code.
@NullMarked
package io.lorica.llm.tensor;

import org.jspecify.annotations.NullMarked;
