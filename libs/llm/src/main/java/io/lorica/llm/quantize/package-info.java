/// Numbers in 4 and 8 bits: code books, blocks with a scale each, and matrices kept so. Uses tensors and nothing else
/// of
/// this library.
@NullMarked
package io.lorica.llm.quantize;

import org.jspecify.annotations.NullMarked;
