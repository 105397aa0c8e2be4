/// Readiness that says which address cannot be reached, and why.
@NullMarked
package io.lorica.kit.health;

import org.jspecify.annotations.NullMarked;
