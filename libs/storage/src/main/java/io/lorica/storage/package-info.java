/// Objects and where they are: the [io.lorica.storage.ObjectStore] port, its implementations, and the one place that
/// spells keys. Plain Java on the MinIO client; no Quarkus.
@NullMarked
package io.lorica.storage;

import org.jspecify.annotations.NullMarked;
