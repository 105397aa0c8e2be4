/// Generation: prompt in, tokens out, with a key-value cache and any number of adapters on one base model.
@NullMarked
package io.lorica.llm.generate;

import org.jspecify.annotations.NullMarked;
