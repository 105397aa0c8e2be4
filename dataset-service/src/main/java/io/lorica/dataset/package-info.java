/// Uploaded files and the immutable dataset versions that are made from them: rows in, versions out.
@NullMarked
package io.lorica.dataset;

import org.jspecify.annotations.NullMarked;
