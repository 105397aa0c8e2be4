/// Who may call, and how often. Plain Java: knows keys and buckets, no HTTP server.
@NullMarked
package io.lorica.gateway.access;

import org.jspecify.annotations.NullMarked;
