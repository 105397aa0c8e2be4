/// The inference service: it serves base models, adapters and checkpoints by OpenAI's chat completions.
@NullMarked
package io.lorica.inference;

import org.jspecify.annotations.NullMarked;
