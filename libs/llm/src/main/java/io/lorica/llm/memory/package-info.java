/// What a run will take of a device's memory, what the device can give, and what it has then given. Knows models,
/// adapters and devices, but nothing of how a run goes.
@NullMarked
package io.lorica.llm.memory;

import org.jspecify.annotations.NullMarked;
