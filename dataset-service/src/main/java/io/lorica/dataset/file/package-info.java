/// Uploaded files in the object store: bytes first, record last. Knows no HTTP and no Kafka.
@NullMarked
package io.lorica.dataset.file;

import org.jspecify.annotations.NullMarked;
