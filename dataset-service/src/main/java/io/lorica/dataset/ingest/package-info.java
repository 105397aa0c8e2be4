/// Lines to rows to conversations: every row is accepted or set aside with a reason. Knows no store and no edge.
@NullMarked
package io.lorica.dataset.ingest;

import org.jspecify.annotations.NullMarked;
