/// Base models in Hugging Face layout: where they come from, and a local directory to load them from.
@NullMarked
package io.lorica.models;

import org.jspecify.annotations.NullMarked;
