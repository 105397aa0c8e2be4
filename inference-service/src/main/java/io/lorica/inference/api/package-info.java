/// Models and chat completions in OpenAI's shapes.
@NullMarked
package io.lorica.inference.api;

import org.jspecify.annotations.NullMarked;
