/// The way to the services behind the door: streamed both ways, with the failures of the way told in an envelope.
@NullMarked
package io.lorica.gateway.upstream;

import org.jspecify.annotations.NullMarked;
