package io.lorica.llm.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;

/// A tensor of libtorch, of any [ElementType] on any [TensorDevice].
///
/// It belongs to the [TensorScope] of the first tensor that it was computed from. Operations are recorded by
/// [Autograd] where that is on. A Java number beside a tensor counts as a scalar of double precision that does not
/// change the tensor's type. Not thread-safe.
///
/// DJL's own array stays inside this package: DJL has no bfloat16 and ends the JVM when it is asked to make an array
/// "of the same type" as one.
public final class Tensor implements AutoCloseable {

    private static final Operation MATMUL = new Operation("aten::matmul", "");
    private static final Operation MUL = new Operation("aten::mul", "Tensor");
    private static final Operation DIV = new Operation("aten::div", "Tensor");
    private static final Operation MUL_IN_PLACE = new Operation("aten::mul_", "Tensor");
    private static final Operation DIV_IN_PLACE = new Operation("aten::div_", "Tensor");
    private static final Operation SQRT = new Operation("aten::sqrt", "");
    private static final Operation RSQRT = new Operation("aten::rsqrt", "");
    private static final Operation EXP_IN_PLACE = new Operation("aten::exp_", "");
    private static final Operation LOG = new Operation("aten::log", "");
    private static final Operation ABS = new Operation("aten::abs", "");
    private static final Operation SUM = new Operation("aten::sum", "");
    private static final Operation TRANSPOSE = new Operation("aten::transpose", "int");
    private static final Operation UNSQUEEZE = new Operation("aten::unsqueeze", "");
    private static final Operation ARGMAX = new Operation("aten::argmax", "");
    private static final Operation EQUAL = new Operation("aten::eq", "Tensor");
    private static final Operation RECIPROCAL = new Operation("aten::reciprocal", "");
    private static final Operation ROUND = new Operation("aten::round", "");
    private static final Operation VIEW_AS_TYPE = new Operation("aten::view", "dtype");
    private static final Operation TO_TYPE = new Operation("aten::to", "dtype");
    private static final Operation CLONE = new Operation("aten::clone", "");
    private static final Operation CONTIGUOUS = new Operation("aten::contiguous", "");
    private static final Operation ZERO = new Operation("aten::zero_", "");

    private final PtNDArray array;

    Tensor(PtNDArray array) {
        this.array = array;
    }

    /// Takes over a handle of libtorch.
    Tensor(PtNDManager manager, long handle) {
        this(new PtNDArray(manager, handle));
    }

    PtNDArray array() {
        return array;
    }

    long handle() {
        return array.getHandle();
    }

    /// The dimensions.
    public long[] shape() {
        return array.getShape().getShape();
    }

    /// The length along one axis; negative axes count from the last.
    public long size(int axis) {
        long[] shape = shape();
        return shape[axis < 0 ? shape.length + axis : axis];
    }

    /// How many axes there are.
    public int dimensions() {
        return array.getShape().dimension();
    }

    /// How many elements there are.
    public long elements() {
        return LongStream.of(shape()).reduce(1, (a, b) -> a * b);
    }

    /// How the elements are stored.
    public ElementType type() {
        return LibTorch.type(handle());
    }

    /// Whether it lies in a GPU's memory.
    public boolean onGpu() {
        return LibTorch.deviceType(handle()) != 0;
    }

    /// Where its first element lies, on its device. Valid as long as the tensor; for kernels of our own.
    public long address() {
        return HostMemory.address(this);
    }

    /// Elements from one neighbour to the next along an axis.
    public long stride(int axis) {
        return LibTorch.stride(handle(), axis);
    }

    /// Bytes of all elements.
    public long bytes() {
        return elements() * type().bytes();
    }

    /// Matrix product over the last two axes.
    public Tensor matMul(Tensor other) {
        return MATMUL.call(this, Argument.of(other));
    }

    public Tensor add(Tensor other) {
        return result(JniUtils.add(array, other.array));
    }

    public Tensor sub(Tensor other) {
        return result(JniUtils.sub(array, other.array));
    }

    public Tensor mul(Tensor other) {
        return MUL.call(this, Argument.of(other));
    }

    public Tensor mul(double factor) {
        return MUL.call(this, new Argument.Scalar(factor));
    }

    public Tensor div(Tensor other) {
        return DIV.call(this, Argument.of(other));
    }

    public Tensor addInPlace(Tensor other) {
        JniUtils.addi(array, other.array);
        return this;
    }

    public Tensor addInPlace(double summand) {
        try (Tensor scalar = new Tensor((PtNDManager) array.getManager(), LibTorch.scalar(summand))) {
            return addInPlace(scalar);
        }
    }

    public Tensor subInPlace(Tensor other) {
        JniUtils.subi(array, other.array);
        return this;
    }

    public Tensor mulInPlace(Tensor other) {
        MUL_IN_PLACE.callInPlace(this, Argument.of(other));
        return this;
    }

    public Tensor mulInPlace(double factor) {
        MUL_IN_PLACE.callInPlace(this, new Argument.Scalar(factor));
        return this;
    }

    public Tensor divInPlace(Tensor other) {
        DIV_IN_PLACE.callInPlace(this, Argument.of(other));
        return this;
    }

    public Tensor divInPlace(double divisor) {
        DIV_IN_PLACE.callInPlace(this, new Argument.Scalar(divisor));
        return this;
    }

    /// Sets all elements to zero.
    public Tensor zeroInPlace() {
        ZERO.callInPlace(this);
        return this;
    }

    public Tensor sqrt() {
        return SQRT.call(this);
    }

    /// 1 / √x
    public Tensor rsqrt() {
        return RSQRT.call(this);
    }

    /// eˣ
    public Tensor expInPlace() {
        EXP_IN_PLACE.callInPlace(this);
        return this;
    }

    /// The natural logarithm.
    public Tensor log() {
        return LOG.call(this);
    }

    public Tensor abs() {
        return ABS.call(this);
    }

    /// 1 / x
    public Tensor reciprocal() {
        return RECIPROCAL.call(this);
    }

    /// The nearest whole numbers, halves to the even one.
    public Tensor round() {
        return ROUND.call(this);
    }

    /// The elements, raised to a lower limit where they are below it.
    public Tensor atLeast(double limit) {
        return result(JniUtils.clip(array, limit, Float.MAX_VALUE));
    }

    /// The sum of all elements, without dimensions.
    public Tensor sum() {
        return SUM.call(this, new Argument.Absent());
    }

    /// Whether no element is infinite or not a number. A sum is finite only if every element is: one pass, and no
    /// second
    /// tensor of the same size.
    public boolean allFinite() {
        Argument wide = new Argument.Present(Argument.of((long) ElementType.F32.scalarType()));
        try (Tensor sum = SUM.call(this, wide)) {
            return Float.isFinite(sum.toFloat());
        }
    }

    /// The sum along one axis, which goes.
    public Tensor sum(int axis) {
        return result(JniUtils.sum(array, new long[] {axis}, false));
    }

    /// The largest of all elements, without dimensions.
    public Tensor max() {
        return result(JniUtils.max(array));
    }

    /// The largest element along one axis, which goes.
    public Tensor max(int axis) {
        return result(JniUtils.max(array, axis, false));
    }

    /// The mean along one axis, which stays with length 1.
    public Tensor mean(int axis) {
        return result(JniUtils.mean(array, axis, true));
    }

    /// The int64 index of the largest element along one axis, which goes.
    public Tensor argMax(int axis) {
        return ARGMAX.call(this, new Argument.Present(Argument.of((long) axis)), Argument.of(false));
    }

    /// Which elements are equal, as truth values.
    public Tensor eq(Tensor other) {
        return EQUAL.call(this, Argument.of(other));
    }

    /// The same elements in other dimensions, one of which may be -1 for "what is left"; without a copy where that is
    /// possible.
    public Tensor reshape(long... shape) {
        return result(JniUtils.reshape(array, shape));
    }

    /// Two axes exchanged, without a copy.
    public Tensor transpose(int axis, int other) {
        return TRANSPOSE.call(this, Argument.of((long) axis), Argument.of((long) other));
    }

    /// A new axis of length 1, without a copy.
    public Tensor unsqueeze(int axis) {
        return UNSQUEEZE.call(this, Argument.of((long) axis));
    }

    /// Axes of length 1 repeated to these lengths, without a copy.
    public Tensor expand(long... shape) {
        return result(JniUtils.broadcast(array, new Shape(shape)));
    }

    /// The tensors joined along an axis, in the scope of the first.
    public static Tensor concat(List<Tensor> parts, int axis) {
        PtNDArray[] arrays = parts.stream().map(Tensor::array).toArray(PtNDArray[]::new);
        return new Tensor(JniUtils.cat(arrays, axis));
    }

    /// The same values as another type; the tensor itself, under a handle of its own, where it has that type already.
    public Tensor to(ElementType type) {
        return TO_TYPE.call(
                this,
                Argument.of((long) type.scalarType()),
                Argument.of(false),
                Argument.of(false),
                new Argument.Absent());
    }

    /// The same values on the process's device: the tensor under a handle of its own, or a copy.
    public Tensor onCurrentDevice() {
        boolean there = onGpu() == TensorDevice.current().gpu();
        return there ? TensorScope.of(this).borrow(this) : copyTo(TensorDevice.current());
    }

    /// The same bits as elements of another type, without a copy; the last axis grows or shrinks with their size.
    public Tensor viewAs(ElementType type) {
        return VIEW_AS_TYPE.call(this, Argument.of((long) type.scalarType()));
    }

    /// A copy on a device, in the same scope.
    public Tensor copyTo(TensorDevice device) {
        Tensor copy = new Tensor((PtNDManager) array.getManager(), LibTorch.empty(type(), device, shape()));
        LibTorch.copy(copy.handle(), handle());
        return copy;
    }

    /// A copy in memory of its own.
    public Tensor duplicate() {
        return CLONE.call(this, new Argument.Absent());
    }

    /// The same values in row-major order without gaps; a copy only where they are not.
    public Tensor contiguous() {
        return CONTIGUOUS.call(this, Argument.of(0L));
    }

    /// All elements in row-major order, widened or rounded to float.
    public float[] toFloatArray() {
        return HostMemory.floats(this);
    }

    /// All elements in row-major order as whole numbers; truth values are 0 and 1.
    public long[] toLongArray() {
        return HostMemory.longs(this);
    }

    /// The one element of a tensor that has only one.
    public float toFloat() {
        return LibTorch.item(this);
    }

    private static Tensor result(PtNDArray other) {
        return new Tensor(other);
    }

    /// Frees it before its scope does.
    @Override
    public void close() {
        array.close();
    }

    /// Type and dimensions, such as `bfloat16(2, 8, 64)`.
    @Override
    public String toString() {
        return type().torchName()
                + Arrays.stream(shape()).mapToObj(Long::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
