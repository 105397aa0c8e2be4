/// The edge where failures become answers in the form that OpenAI's clients read.
@NullMarked
package io.lorica.kit.error;

import org.jspecify.annotations.NullMarked;
