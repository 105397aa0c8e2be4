/// The edge to Kafka: the queue of jobs that wait for a device, answers about datasets, entries nobody could
/// finish.
@NullMarked
package io.lorica.trainer.messaging;

import org.jspecify.annotations.NullMarked;
