/// The fine-tuning endpoints in OpenAI's shapes.
@NullMarked
package io.lorica.trainer.api;

import org.jspecify.annotations.NullMarked;
