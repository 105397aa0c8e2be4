/// Models and adapters in files of other engines: GGUF, which llama.cpp reads.
@NullMarked
package io.lorica.llm.export;

import org.jspecify.annotations.NullMarked;
