/// Prompt templates: one versioned wording for training, masking and serving.
@NullMarked
package io.lorica.contracts.template;

import org.jspecify.annotations.NullMarked;
