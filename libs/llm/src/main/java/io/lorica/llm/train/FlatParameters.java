package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SequencedMap;

import io.lorica.llm.quantize.ByteBlocks;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// Parameters moved together into one piece of memory, and their gradients into another, so that an optimizer treats
/// all of them in a few operations. Whoever holds one of the parameters sees it there.
final class FlatParameters {

    // No block of 8-bit numbers holds elements of two parameters.
    private static final int ALIGNMENT = ByteBlocks.BLOCK;

    private final List<Place> places = new ArrayList<>();
    private final Tensor values;
    private final Tensor gradients;

    /// Where a parameter lies.
    ///
    /// @param name its name
    /// @param from its first element
    /// @param length how many elements it has
    record Place(String name, long from, long length) {

        private long end() {
            return (from + length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
    }

    /// @param parameters float32, by name; gradients are collected for them
    FlatParameters(TensorScope scope, SequencedMap<String, Tensor> parameters) {
        parameters.forEach((name, parameter) -> places.add(new Place(name, length(), parameter.elements())));
        this.values = scope.zeros(length());
        this.gradients = scope.zeros(length());
        try (TensorScope work = scope.child("move")) {
            Iterator<Place> next = places.iterator();
            parameters.values().forEach(parameter -> {
                Place place = next.next();
                long[] shape = parameter.shape();
                Autograd.move(
                        parameter,
                        part(work, values, place).reshape(shape),
                        part(work, gradients, place).reshape(shape));
            });
        }
    }

    List<Place> places() {
        return places;
    }

    /// Elements of all, with the gaps between them, which stay zero.
    long length() {
        return places.isEmpty() ? 0 : places.getLast().end();
    }

    /// All parameters, `(length)`.
    Tensor values() {
        return values;
    }

    /// All gradients, `(length)`.
    Tensor gradients() {
        return gradients;
    }

    private static Tensor part(TensorScope work, Tensor all, Place place) {
        return Tensors.narrow(work.borrow(all), 0, place.from(), place.length());
    }
}
