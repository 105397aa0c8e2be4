/// What the tests of this module share: small random models on disk, rows, and specs.
@NullMarked
package io.lorica.llm.testing;

import org.jspecify.annotations.NullMarked;
