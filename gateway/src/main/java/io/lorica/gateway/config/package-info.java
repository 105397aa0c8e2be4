/// The gateway's configuration: one mapping, every key with its sentence and default.
@NullMarked
package io.lorica.gateway.config;

import org.jspecify.annotations.NullMarked;
