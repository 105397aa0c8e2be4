package io.lorica.llm.generate;

/// Why an answer ends.
public enum StopReason {
    /// The model ended it, or a stop text appeared.
    STOP,
    /// The token limit or the end of the context is reached.
    LENGTH
}
