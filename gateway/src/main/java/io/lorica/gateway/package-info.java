/// The one public door: keys, request ids and routing in front of the services. Holds no state and needs no broker.
@NullMarked
package io.lorica.gateway;

import org.jspecify.annotations.NullMarked;
