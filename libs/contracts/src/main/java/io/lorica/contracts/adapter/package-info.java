/// Adapters and checkpoints: what a trained artefact is made of and where it came from.
@NullMarked
package io.lorica.contracts.adapter;

import org.jspecify.annotations.NullMarked;
