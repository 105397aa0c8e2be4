/// Secrets as operators set them. Depends on nothing.
@NullMarked
package io.lorica.contracts.secret;

import org.jspecify.annotations.NullMarked;
