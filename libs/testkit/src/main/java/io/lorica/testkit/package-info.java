/// What tests of several modules share: a real broker and a real store, started once for a whole build.
@NullMarked
package io.lorica.testkit;

import org.jspecify.annotations.NullMarked;
