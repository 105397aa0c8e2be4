/// Low-rank adapters: their parameters, their start values, how they enter a model, and their files in PEFT layout.
@NullMarked
package io.lorica.llm.lora;

import org.jspecify.annotations.NullMarked;
