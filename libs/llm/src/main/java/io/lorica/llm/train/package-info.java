/// Training an adapter: batches, loss, optimizer, schedule, and the run that can be stopped and resumed.
@NullMarked
package io.lorica.llm.train;

import org.jspecify.annotations.NullMarked;
