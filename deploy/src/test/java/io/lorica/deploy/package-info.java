/// Checks that what is deployed is true: known fields, existing configuration keys, matching names and ports.
@NullMarked
package io.lorica.deploy;

import org.jspecify.annotations.NullMarked;
