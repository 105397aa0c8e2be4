/// `./lorica bench`: the table of training steps, each measured in a process of its own, beside the peer
/// where one is given. It starts `train.StepBenchmark` and holds no tensors itself.
@NullMarked
package io.lorica.llm.bench;

import org.jspecify.annotations.NullMarked;
