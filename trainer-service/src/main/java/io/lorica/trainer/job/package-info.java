/// A fine-tuning job and its life: what may follow what, and which facts each step makes known. No HTTP, no
/// Kafka.
@NullMarked
package io.lorica.trainer.job;

import org.jspecify.annotations.NullMarked;
