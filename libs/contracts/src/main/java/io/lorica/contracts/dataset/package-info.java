/// Datasets: versions of training text, what they hold and what was refused.
@NullMarked
package io.lorica.contracts.dataset;

import org.jspecify.annotations.NullMarked;
