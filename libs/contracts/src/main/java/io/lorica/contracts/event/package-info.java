/// Domain events: facts in the past tense, wrapped in CloudEvents 1.0 envelopes.
@NullMarked
package io.lorica.contracts.event;

import org.jspecify.annotations.NullMarked;
