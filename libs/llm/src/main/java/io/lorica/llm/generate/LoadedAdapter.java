package io.lorica.llm.generate;

/// An adapter in the model's memory. Closing it frees that memory; generations that still use it end first.
public interface LoadedAdapter extends AutoCloseable {

    /// How many bytes its tensors take.
    long bytes();

    @Override
    void close();
}
