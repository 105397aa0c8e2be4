/// Behind `./lorica`: the platform and the services as processes of one machine, and the demo that drives them.
@NullMarked
package io.lorica.cli;

import org.jspecify.annotations.NullMarked;
