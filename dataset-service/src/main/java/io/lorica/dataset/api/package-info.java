/// The HTTP edge: OpenAI's files, and a look at how the rows of a file are judged.
@NullMarked
package io.lorica.dataset.api;

import org.jspecify.annotations.NullMarked;
