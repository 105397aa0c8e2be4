/// Which service answers which path. Plain Java: knows paths and names, no HTTP server.
@NullMarked
package io.lorica.gateway.route;

import org.jspecify.annotations.NullMarked;
