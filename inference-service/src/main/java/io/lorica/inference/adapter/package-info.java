/// Adapters: which ones there are, and their files on this machine, checked by digest. No tensors.
@NullMarked
package io.lorica.inference.adapter;

import org.jspecify.annotations.NullMarked;
