/// Checkpoints in the store: blobs first, the manifest last, the newest whole one found again.
@NullMarked
package io.lorica.trainer.checkpoint;

import org.jspecify.annotations.NullMarked;
