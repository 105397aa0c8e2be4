/// The settings of the trainer service.
@NullMarked
package io.lorica.trainer.config;

import org.jspecify.annotations.NullMarked;
