/// What a finished job leaves behind: the adapter, merged weights where asked for, the table of its metrics.
@NullMarked
package io.lorica.trainer.publish;

import org.jspecify.annotations.NullMarked;
