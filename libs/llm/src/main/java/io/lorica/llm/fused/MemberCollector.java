package io.lorica.llm.fused;

import java.util.List;

import io.lorica.llm.tensor.Tensor;

/// Adds the gradients adapter by adapter, with libtorch's own operations.
///
/// @param members the adapters of the joined matrix
record MemberCollector(List<AdapterGroup.Member> members) implements GradientCollector {

    @Override
    public void prepare() {
        // It needs nothing.
    }

    @Override
    public void add(Tensor ofA, Tensor ofB) {
        members.forEach(member -> member.add(ofA, ofB));
    }

    @Override
    public void close() {
        // It holds nothing of its own.
    }
}
