/// Failures of the machine and of what it depends on: what they are, and how to wait until they are over.
@NullMarked
package io.lorica.kit.retry;

import org.jspecify.annotations.NullMarked;
