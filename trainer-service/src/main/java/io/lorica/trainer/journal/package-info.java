/// The journal of jobs on Kafka: decisions are appended to it, and what every process knows is read back from
/// it.
@NullMarked
package io.lorica.trainer.journal;

import org.jspecify.annotations.NullMarked;
