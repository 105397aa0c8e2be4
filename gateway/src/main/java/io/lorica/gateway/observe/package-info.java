/// What the gateway measures of itself. Tags come from closed sets, so that no caller can make up series.
@NullMarked
package io.lorica.gateway.observe;

import org.jspecify.annotations.NullMarked;
