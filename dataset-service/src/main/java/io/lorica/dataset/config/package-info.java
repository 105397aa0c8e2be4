/// What the service can be told.
@NullMarked
package io.lorica.dataset.config;

import org.jspecify.annotations.NullMarked;
