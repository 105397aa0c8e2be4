/// The HTTP edge: every request gets an id, is admitted and routed here, or is answered with an error envelope.
@NullMarked
package io.lorica.gateway.api;

import org.jspecify.annotations.NullMarked;
