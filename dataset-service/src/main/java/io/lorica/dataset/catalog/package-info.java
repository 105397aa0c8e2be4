/// Dataset versions: named by what they are made from, written once, manifest last. Knows no HTTP and no Kafka.
@NullMarked
package io.lorica.dataset.catalog;

import org.jspecify.annotations.NullMarked;
