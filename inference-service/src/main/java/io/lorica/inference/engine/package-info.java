/// The thread that owns the models in memory, and the answers in progress on it.
@NullMarked
package io.lorica.inference.engine;

import org.jspecify.annotations.NullMarked;
