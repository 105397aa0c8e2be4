/// The packaged suite, seen from outside: real broker, real store, four processes, and a client that knows only OpenAI.
@NullMarked
package io.lorica.e2e;

import org.jspecify.annotations.NullMarked;
