/// A small random base model in Hugging Face layout, made on the spot, so that the whole product can be tried without a
/// download.
@NullMarked
package io.lorica.llm.demo;

import org.jspecify.annotations.NullMarked;
