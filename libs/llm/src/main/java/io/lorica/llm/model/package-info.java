/// The decoder-only transformer of the Llama and Qwen2 families. What differs between families is data in
/// `ModelConfig`; what differs between uses (adapters or none) is which projections the layers are given.
@NullMarked
package io.lorica.llm.model;

import org.jspecify.annotations.NullMarked;
