/// GGUF, the file of llama.cpp (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): read without
/// trust in what it claims, dequantised to float32, turned into the trees of Hugging Face's layout, and
/// written. Plain Java on mapped memory; knows no tensors.
@NullMarked
package io.lorica.gguf;

import org.jspecify.annotations.NullMarked;
