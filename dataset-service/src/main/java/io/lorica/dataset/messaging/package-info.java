/// The Kafka edge: answers each submitted job with its dataset versions or with what is wrong.
@NullMarked
package io.lorica.dataset.messaging;

import org.jspecify.annotations.NullMarked;
