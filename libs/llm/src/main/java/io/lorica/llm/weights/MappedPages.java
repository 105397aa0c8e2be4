package io.lorica.llm.weights;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// Pages of mapped files, which count as this process's memory once they were read, until they are released. They stay
/// in the system's cache of files. Where the system has no `madvise` they stay where they are.
final class MappedPages {

    private static final int DONT_NEED = 4;
    private static final long PAGE = 4096;
    /// `int madvise(void* address, size_t length, int advice)`; its numbers are those of Linux.
    private static final Optional<MethodHandle> ADVISE =
            System.getProperty("os.name").equals("Linux")
                    ? Linker.nativeLinker()
                            .defaultLookup()
                            .find("madvise")
                            .map(symbol -> Linker.nativeLinker()
                                    .downcallHandle(
                                            symbol,
                                            FunctionDescriptor.of(
                                                    ValueLayout.JAVA_INT,
                                                    ValueLayout.JAVA_LONG,
                                                    ValueLayout.JAVA_LONG,
                                                    ValueLayout.JAVA_INT)))
                    : Optional.empty();

    private MappedPages() {}

    /// Releases the pages of a part of a file that is mapped read-only. Reading it again reads the file again.
    static void release(MemorySegment part) {
        if (part.isMapped() && ADVISE.isPresent()) {
            long begin = part.address() / PAGE * PAGE;
            advise(ADVISE.get(), begin, part.address() + part.byteSize() - begin);
        }
    }

    private static void advise(MethodHandle function, long address, long length) {
        try {
            // A refusal costs memory only: the pages stay.
            int _ = (int) function.invokeExact(address, length, DONT_NEED);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("madvise failed", e);
        }
    }
}
