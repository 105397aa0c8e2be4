/// The object store as a bean, configured once for all services.
@NullMarked
package io.lorica.kit.store;

import org.jspecify.annotations.NullMarked;
