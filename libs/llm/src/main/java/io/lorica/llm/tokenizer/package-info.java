/// Text to tokens and back, and conversations to text: what a model's `tokenizer.json` and `tokenizer_config.json` say.
@NullMarked
package io.lorica.llm.tokenizer;

import org.jspecify.annotations.NullMarked;
