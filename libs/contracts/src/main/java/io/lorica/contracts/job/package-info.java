/// Fine-tuning jobs: what to train, how, and what a step measured.
@NullMarked
package io.lorica.contracts.job;

import org.jspecify.annotations.NullMarked;
