/// Base models in Hugging Face layout or as GGUF: where they come from, and a local place to load them from.
@NullMarked
package io.lorica.models;

import org.jspecify.annotations.NullMarked;
