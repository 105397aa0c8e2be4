/// A real model from a file, for the profile `real-model`; nothing here runs in an ordinary build.
@NullMarked
package io.lorica.llm.realmodel;

import org.jspecify.annotations.NullMarked;
