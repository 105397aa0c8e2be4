/// Errors in the user's terms: a closed set of codes, each of one kind.
@NullMarked
package io.lorica.contracts.error;

import org.jspecify.annotations.NullMarked;
