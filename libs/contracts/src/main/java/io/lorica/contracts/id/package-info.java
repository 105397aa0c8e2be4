/// Names of things: typed identifiers, so that no bare string crosses a boundary.
@NullMarked
package io.lorica.contracts.id;

import org.jspecify.annotations.NullMarked;
