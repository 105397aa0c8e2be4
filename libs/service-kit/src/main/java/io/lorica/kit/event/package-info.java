/// Events on Kafka: topics with explicit settings, one codec, appends that are acknowledged or fail loudly.
@NullMarked
package io.lorica.kit.event;

import org.jspecify.annotations.NullMarked;
