package io.lorica.llm.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// One argument of an [Operation], as the slot of 64 bits that the dispatcher's stack wants.
sealed interface Argument {

    /// The bits of the slot; whatever they point to lives as long as the arena.
    long slot(Arena arena);

    /// A tensor. The stack takes ownership, so it is given a handle of its own.
    record OfTensor(Tensor tensor) implements Argument {
        @Override
        public long slot(Arena arena) {
            return LibTorch.duplicate(tensor.handle());
        }

        @Override
        public String toString() {
            return tensor.toString();
        }
    }

    /// A number where a tensor is wanted: a tensor of double precision without dimensions, which does not change the
    /// type of what it meets.
    record Scalar(double value) implements Argument {
        @Override
        public long slot(Arena arena) {
            return LibTorch.scalar(value);
        }
    }

    /// An optional argument that is there: a pointer to its value. The dispatcher frees the cell with C++'s `delete`,
    /// so it comes from `malloc` and not from the arena.
    record Present(Argument value) implements Argument {
        @Override
        public long slot(Arena arena) {
            MemorySegment cell = LibTorch.cell();
            cell.set(ValueLayout.JAVA_LONG, 0, value.slot(arena));
            return cell.address();
        }

        @Override
        public String toString() {
            return value.toString();
        }
    }

    /// An optional argument that is not there.
    record Absent() implements Argument {
        @Override
        public long slot(Arena arena) {
            return 0;
        }
    }

    /// A whole number, a truth value or a scalar type.
    record Whole(long value) implements Argument {
        @Override
        public long slot(Arena arena) {
            return value;
        }
    }

    /// A floating-point number.
    record Real(double value) implements Argument {
        @Override
        public long slot(Arena arena) {
            return Double.doubleToRawLongBits(value);
        }
    }

    static Argument of(Tensor tensor) {
        return new OfTensor(tensor);
    }

    static Argument of(long value) {
        return new Whole(value);
    }

    static Argument of(double value) {
        return new Real(value);
    }

    static Argument of(boolean value) {
        return new Whole(value ? 1 : 0);
    }
}
