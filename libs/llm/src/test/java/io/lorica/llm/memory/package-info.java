@NullMarked
package io.lorica.llm.memory;

import org.jspecify.annotations.NullMarked;
