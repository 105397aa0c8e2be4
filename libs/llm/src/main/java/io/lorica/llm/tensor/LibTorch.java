package io.lorica.llm.tensor;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;

/// The C functions of libtorch that Lorica calls beside DJL (`torch/csrc/inductor/aoti_torch/c/shim.h`, a
/// stable ABI). They act on the very tensors that DJL holds: a DJL handle is a tensor handle of that ABI.
///
/// Loaded once per class loader, after DJL has loaded the library itself.
final class LibTorch {

    /// `int aoti_torch_call_dispatcher(const char* op, const char* overload, uint64_t* stack)`
    static final MethodHandle CALL_DISPATCHER;
    /// `int aoti_torch_new_tensor_handle(AtenTensorHandle in, AtenTensorHandle* out)`
    static final MethodHandle NEW_TENSOR_HANDLE;
    /// `int aoti_torch_delete_tensor_object(AtenTensorHandle)`
    static final MethodHandle DELETE_TENSOR;
    /// `int aoti_torch_get_data_ptr(AtenTensorHandle, void** out)`
    static final MethodHandle DATA_POINTER;
    /// `int aoti_torch_create_tensor_from_blob_v2(data, ndim, sizes, strides, offset, dtype, device_type,
    /// device_index, out, layout, opaque_metadata, opaque_metadata_size)`
    static final MethodHandle TENSOR_FROM_BLOB;
    /// `int aoti_torch_empty_strided(ndim, sizes, strides, dtype, device_type, device_index, out)`
    static final MethodHandle EMPTY_STRIDED;
    /// `int aoti_torch_copy_(AtenTensorHandle target, AtenTensorHandle source, int32_t non_blocking)`
    static final MethodHandle COPY;

    /// `int aoti_torch_mm_out(out, a, b)`
    static final MethodHandle MULTIPLY;
    /// `int aoti_torch_addmm_out(out, summand, a, b, float beta, float alpha)`
    static final MethodHandle ADD_MULTIPLY;

    /// `at::Context& at::globalContext()`
    static final MethodHandle GLOBAL_CONTEXT;
    /// `bool at::Context::deterministicAlgorithms() const`
    static final MethodHandle IS_DETERMINISTIC;
    /// `void at::Context::setDeterministicAlgorithms(bool, bool)`
    static final MethodHandle SET_DETERMINISTIC;

    /// `int aoti_torch_new_uninitialized_tensor(AtenTensorHandle* out)`
    private static final MethodHandle NEW_UNDEFINED;

    private static final MethodHandle STRIDE;
    private static final MethodHandle DTYPE;
    private static final MethodHandle DEVICE_TYPE;
    private static final MethodHandle ITEM_FLOAT;
    private static final MethodHandle SCALAR_TO_TENSOR;

    /// `void* malloc(size_t)`
    private static final MethodHandle MALLOC;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    static {
        Engine.getInstance();
        SymbolLookup library = SymbolLookup.libraryLookup(libraryPath(), Arena.global());
        var address = ValueLayout.ADDRESS;
        MALLOC = function(Linker.nativeLinker().defaultLookup(), "malloc", FunctionDescriptor.of(address, LONG));
        CALL_DISPATCHER =
                function(library, "aoti_torch_call_dispatcher", FunctionDescriptor.of(INT, address, address, address));
        NEW_TENSOR_HANDLE =
                function(library, "aoti_torch_new_tensor_handle", FunctionDescriptor.of(INT, LONG, address));
        DELETE_TENSOR = function(library, "aoti_torch_delete_tensor_object", FunctionDescriptor.of(INT, LONG));
        DATA_POINTER = function(library, "aoti_torch_get_data_ptr", FunctionDescriptor.of(INT, LONG, address));
        TENSOR_FROM_BLOB = function(
                library,
                "aoti_torch_create_tensor_from_blob_v2",
                FunctionDescriptor.of(
                        INT, address, LONG, address, address, LONG, INT, INT, INT, address, INT, address, LONG));
        EMPTY_STRIDED = function(
                library,
                "aoti_torch_empty_strided",
                FunctionDescriptor.of(INT, LONG, address, address, INT, INT, INT, address));
        COPY = function(library, "aoti_torch_copy_", FunctionDescriptor.of(INT, LONG, LONG, INT));
        MULTIPLY = function(library, "aoti_torch_mm_out", FunctionDescriptor.of(INT, LONG, LONG, LONG));
        ADD_MULTIPLY = function(
                library,
                "aoti_torch_addmm_out",
                FunctionDescriptor.of(INT, LONG, LONG, LONG, LONG, ValueLayout.JAVA_FLOAT, ValueLayout.JAVA_FLOAT));
        var truth = ValueLayout.JAVA_BOOLEAN;
        GLOBAL_CONTEXT = function(library, "_ZN2at13globalContextEv", FunctionDescriptor.of(address));
        IS_DETERMINISTIC =
                function(library, "_ZNK2at7Context23deterministicAlgorithmsEv", FunctionDescriptor.of(truth, address));
        SET_DETERMINISTIC = function(
                library,
                "_ZN2at7Context26setDeterministicAlgorithmsEbb",
                FunctionDescriptor.ofVoid(address, truth, truth));
        NEW_UNDEFINED = function(library, "aoti_torch_new_uninitialized_tensor", FunctionDescriptor.of(INT, address));
        STRIDE = function(library, "aoti_torch_get_stride", FunctionDescriptor.of(INT, LONG, LONG, address));
        DTYPE = function(library, "aoti_torch_get_dtype", FunctionDescriptor.of(INT, LONG, address));
        DEVICE_TYPE = function(library, "aoti_torch_get_device_type", FunctionDescriptor.of(INT, LONG, address));
        ITEM_FLOAT = function(library, "aoti_torch_item_float32", FunctionDescriptor.of(INT, LONG, address));
        SCALAR_TO_TENSOR = function(
                library,
                "aoti_torch_scalar_to_tensor_float64",
                FunctionDescriptor.of(INT, ValueLayout.JAVA_DOUBLE, address));
        prepareVectorFunctions();
    }

    private LibTorch() {}

    /// MKL's vector functions (exp, log and so on) prepare themselves at the first call of any of them. Where two
    /// threads make it at once, one of them may compute its part with four digits; so one thread makes it here.
    private static void prepareVectorFunctions() {
        long one = empty(ElementType.F32, TensorDevice.cpu(), 1);
        long zero = new Operation("aten::zero_", "").callRaw(one, List.of());
        long result = new Operation("aten::exp_", "").callRaw(zero, List.of());
        List.of(one, zero, result).forEach(LibTorch::delete);
    }

    /// 64 bits of memory that native code will free.
    static MemorySegment cell() {
        try {
            return ((MemorySegment) MALLOC.invokeExact(LONG.byteSize())).reinterpret(LONG.byteSize());
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /// A new handle on the same tensor.
    static long duplicate(long handle) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONG);
            check((int) NEW_TENSOR_HANDLE.invokeExact(handle, out), "new_tensor_handle");
            return out.get(LONG, 0);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /// A new handle on no tensor, for arguments that are not there.
    static long undefined() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONG);
            check((int) NEW_UNDEFINED.invokeExact(out), "new_uninitialized_tensor");
            return out.get(LONG, 0);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /// A tensor of double precision on the CPU without dimensions.
    static long scalar(double value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONG);
            check((int) SCALAR_TO_TENSOR.invokeExact(value, out), "scalar_to_tensor_float64");
            return out.get(LONG, 0);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /// A new tensor of undefined content in row-major order.
    static long empty(ElementType type, TensorDevice device, long... shape) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONG);
            int status = (int) EMPTY_STRIDED.invokeExact(
                    (long) shape.length,
                    arena.allocateFrom(LONG, shape),
                    arena.allocateFrom(LONG, strides(shape)),
                    type.scalarType(),
                    device.deviceType(),
                    device.index(),
                    out);
            if (status != 0) {
                throw new TensorException("libtorch cannot make a tensor " + Arrays.toString(shape) + " of "
                        + type.torchName() + " on " + device);
            }
            return out.get(LONG, 0);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /// Copies all elements, across types and devices where they differ.
    static void copy(long target, long source) {
        copy(target, source, false);
    }

    /// Copies; from pinned memory of the host to a GPU without waiting for it, if so wanted.
    static void copy(long target, long source, boolean later) {
        try {
            check((int) COPY.invokeExact(target, source, later ? 1 : 0), "copy_");
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    static ElementType type(long handle) {
        return ElementType.ofScalarType(query(DTYPE, handle));
    }

    static int deviceType(long handle) {
        return query(DEVICE_TYPE, handle);
    }

    static long stride(long handle, long axis) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(LONG);
            check((int) STRIDE.invokeExact(handle, axis, out), "get_stride");
            return out.get(LONG, 0);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /// The element of a tensor that has only one.
    static float item(Tensor tensor) {
        try (Arena arena = Arena.ofConfined();
                Tensor wide = tensor.to(ElementType.F32)) {
            MemorySegment out = arena.allocate(ValueLayout.JAVA_FLOAT);
            check((int) ITEM_FLOAT.invokeExact(wide.handle(), out), "item");
            return out.get(ValueLayout.JAVA_FLOAT, 0);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /// The steps between neighbours of each axis in row-major order.
    static long[] strides(long... shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strides;
    }

    private static int query(MethodHandle property, long handle) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(INT);
            check((int) property.invokeExact(handle, out), "get");
            return out.get(INT, 0);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    static void delete(long handle) {
        try {
            check((int) DELETE_TENSOR.invokeExact(handle), "delete_tensor_object");
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /// Throws where a function failed. The tensors are described only then: they are asked for their shapes.
    static void check(int status, String function, Tensor... on) {
        if (status != 0) {
            String tensors = on.length == 0 ? "" : " on " + Arrays.toString(on);
            throw new TensorException("libtorch's " + function + " failed" + tensors);
        }
    }

    static RuntimeException rethrow(Throwable e) {
        if (e instanceof RuntimeException exception) {
            return exception;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new TensorException("a native call failed", e);
    }

    /// The functions of another of libtorch's libraries, where this process has loaded it.
    static Optional<SymbolLookup> loaded(String file) {
        return mapped(file).map(path -> SymbolLookup.libraryLookup(path, Arena.global()));
    }

    static MethodHandle function(SymbolLookup library, String name, FunctionDescriptor type) {
        MemorySegment symbol = library.find(name)
                .orElseThrow(() ->
                        new TensorException("there is no native function " + name + "; libtorch 2.7.1 is needed"));
        return Linker.nativeLinker().downcallHandle(symbol, type);
    }

    /// The file that DJL loaded: where the system tells, from the process's own map, which also holds when
    /// a setting or a cache directory points elsewhere; otherwise the place that DJL resolves to.
    private static Path libraryPath() {
        return mapped("libtorch_cpu.so").orElseGet(LibTorch::resolvedLibrary);
    }

    private static Optional<Path> mapped(String file) {
        Path maps = Path.of("/proc/self/maps");
        if (!Files.isReadable(maps)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(maps)) {
            return lines.filter(line -> line.endsWith("/" + file))
                    .map(line -> Path.of(line.substring(line.indexOf('/'))))
                    .findFirst();
        } catch (IOException e) {
            throw new TensorException("cannot read " + maps, e);
        }
    }

    private static Path resolvedLibrary() {
        return Path.of(LibUtils.getLibtorchPath()).resolve(System.mapLibraryName("torch_cpu"));
    }
}
