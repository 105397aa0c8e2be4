/// The edge to Kafka: the journal of jobs, the queue of jobs that wait for a device, answers about datasets.
@NullMarked
package io.lorica.trainer.messaging;

import org.jspecify.annotations.NullMarked;
