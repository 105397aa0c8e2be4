package io.lorica.llm.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// A C library whose functions return an `int` status. It stays loaded as long as the process lives.
final class NativeLibrary {

    private final String name;
    private final SymbolLookup symbols;
    private final Map<String, MethodHandle> functions = new ConcurrentHashMap<>();

    private NativeLibrary(String name, SymbolLookup symbols) {
        this.name = name;
        this.symbols = symbols;
    }

    /// Loads it, where it is there.
    ///
    /// @param name a file, or a name that the system's loader looks up
    static Optional<NativeLibrary> open(String name) {
        try {
            return Optional.of(new NativeLibrary(name, SymbolLookup.libraryLookup(name, Arena.global())));
        } catch (IllegalArgumentException absent) {
            return Optional.empty();
        }
    }

    String name() {
        return name;
    }

    /// A function to be called often, with exactly these types.
    MethodHandle function(String function, MemoryLayout... parameters) {
        return Linker.nativeLinker().downcallHandle(symbol(function), descriptor(parameters));
    }

    /// Calls a function whose parameters are what the arguments are: `Integer`, `Long`, `Float` or an
    /// address.
    int call(String function, Object... arguments) {
        MethodHandle handle = functions.computeIfAbsent(
                function,
                key -> function(
                        key, Arrays.stream(arguments).map(NativeLibrary::layout).toArray(MemoryLayout[]::new)));
        try {
            return (int) handle.invokeWithArguments(arguments);
        } catch (Throwable thrown) {
            throw CudaException.of(thrown);
        }
    }

    private MemorySegment symbol(String function) {
        return symbols.find(function)
                .orElseThrow(() -> new CudaException(name + " has no function " + function + "; it is too old"));
    }

    private static FunctionDescriptor descriptor(MemoryLayout... parameters) {
        return FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters);
    }

    private static MemoryLayout layout(Object argument) {
        return switch (argument) {
            case Integer _ -> ValueLayout.JAVA_INT;
            case Long _ -> ValueLayout.JAVA_LONG;
            case Float _ -> ValueLayout.JAVA_FLOAT;
            case MemorySegment _ -> ValueLayout.ADDRESS;
            default -> throw new IllegalArgumentException("no C type for " + argument.getClass());
        };
    }
}
