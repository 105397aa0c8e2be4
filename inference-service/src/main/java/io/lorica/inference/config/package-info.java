/// The settings of the inference service.
@NullMarked
package io.lorica.inference.config;

import org.jspecify.annotations.NullMarked;
