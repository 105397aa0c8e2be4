/// What Kafka tells of adapters and checkpoints. Nothing else here knows of topics.
@NullMarked
package io.lorica.inference.messaging;

import org.jspecify.annotations.NullMarked;
