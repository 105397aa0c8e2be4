package io.lorica.llm.fused;

/// Takes over what the optimizer made of an adapter's parameters.
interface AdapterCopier extends AutoCloseable {

    /// Brings all targets up to date.
    void copy();

    @Override
    void close();
}
