/// A real Kafka broker and a real S3 server in one JVM, on loopback, with data that stays between starts. Nothing else
/// in
/// the suite knows of it: services see a broker address and a store endpoint.
@NullMarked
package io.lorica.platform;

import org.jspecify.annotations.NullMarked;
