/// Directories on this machine's disk in which services work.
@NullMarked
package io.lorica.kit.work;

import org.jspecify.annotations.NullMarked;
