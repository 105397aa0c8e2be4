/// Running a job: claiming an attempt, fetching what it needs, training, saving, publishing.
@NullMarked
package io.lorica.trainer.execution;

import org.jspecify.annotations.NullMarked;
