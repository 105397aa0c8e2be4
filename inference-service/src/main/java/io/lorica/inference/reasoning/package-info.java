/// Parting the chain of thought from the answer while both stream in.
@NullMarked
package io.lorica.inference.reasoning;

import org.jspecify.annotations.NullMarked;
