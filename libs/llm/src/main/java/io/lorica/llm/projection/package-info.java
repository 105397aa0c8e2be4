/// Linear maps inside a decoder layer: a frozen weight, or a frozen weight with a low-rank adapter beside it.
@NullMarked
package io.lorica.llm.projection;

import org.jspecify.annotations.NullMarked;
