/// Weights on disk: safetensors files read and written without trust in their headers, and the Hugging Face layout.
@NullMarked
package io.lorica.llm.weights;

import org.jspecify.annotations.NullMarked;
