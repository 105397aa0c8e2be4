package io.lorica.llm.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import ai.djl.pytorch.engine.PtNDManager;

/// One operation of ATen with tensors as its results, mostly one, called through libtorch's dispatcher. Autograd
/// records it as
/// if Python had called it.
final class Operation {

    private static final ValueLayout.OfLong SLOT = ValueLayout.JAVA_LONG;

    private final String name;
    private final MemorySegment nativeName;
    private final MemorySegment nativeOverload;

    Operation(String name, String overload) {
        this.name = name;
        this.nativeName = Arena.global().allocateFrom(name);
        this.nativeOverload = Arena.global().allocateFrom(overload);
    }

    /// Calls it; the result lives where its first tensor lives.
    Tensor call(Tensor first, Argument... others) {
        PtNDManager manager = (PtNDManager) first.array().getManager();
        return new Tensor(manager, callRaw(first.handle(), List.of(first), others));
    }

    /// Calls one that has several results; they live where its first tensor lives.
    List<Tensor> callAll(int results, Tensor first, Argument... others) {
        return callAll(results, results, first, others);
    }

    /// Calls one whose first results are tensors and whose others are numbers.
    List<Tensor> callAll(int tensors, int results, Tensor first, Argument... others) {
        PtNDManager manager = (PtNDManager) first.array().getManager();
        return LongStream.of(callRaw(results, first.handle(), List.of(first), others))
                .limit(tensors)
                .mapToObj(handle -> new Tensor(manager, handle))
                .toList();
    }

    /// Calls it for its effect on its first tensor.
    void callInPlace(Tensor first, Argument... others) {
        LibTorch.delete(callRaw(first.handle(), List.of(first), others));
    }

    /// Calls it on a handle that is no DJL tensor; the caller owns the result's handle.
    long callRaw(long first, List<Tensor> named, Argument... others) {
        return callRaw(1, first, named, others)[0];
    }

    private long[] callRaw(int results, long first, List<Tensor> named, Argument... others) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stack = arena.allocate(SLOT, Math.max(results, others.length + 1L));
            stack.setAtIndex(SLOT, 0, LibTorch.duplicate(first));
            for (int i = 0; i < others.length; i++) {
                stack.setAtIndex(SLOT, i + 1L, others[i].slot(arena));
            }
            int status = (int) LibTorch.CALL_DISPATCHER.invokeExact(nativeName, nativeOverload, stack);
            if (status != 0) {
                throw new TensorException(name + " failed on " + describe(named, others));
            }
            return stack.asSlice(0, results * SLOT.byteSize()).toArray(SLOT);
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }

    private static String describe(List<Tensor> first, Argument... others) {
        String tensors = first.stream().map(Tensor::toString).collect(Collectors.joining());
        return tensors + " " + Arrays.toString(others);
    }
}
