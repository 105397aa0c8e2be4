package io.lorica.llm.fused;

import java.util.Arrays;
import java.util.List;

import io.lorica.llm.cuda.CudaDevice;
import io.lorica.llm.cuda.CudaStream;
import io.lorica.llm.cuda.SpreadKernel;
import io.lorica.llm.cuda.SpreadTable;
import org.jspecify.annotations.Nullable;

/// Copies all parameters of a model in one launch. Their targets stay where they are; the optimizer moves
/// the parameters once, so their addresses are compared with those of the last time.
final class CudaCopier implements AdapterCopier {

    private final SpreadKernel kernel;
    private final CudaDevice device;
    private final List<AdapterCopy> copies;
    private long[] listed = {};
    private @Nullable SpreadTable table;

    CudaCopier(SpreadKernel kernel, CudaDevice device, List<AdapterCopy> copies) {
        this.kernel = kernel;
        this.device = device;
        this.copies = List.copyOf(copies);
    }

    @Override
    public void copy() {
        long[] addresses =
                copies.stream().mapToLong(copy -> copy.parameter().address()).toArray();
        SpreadTable current = table;
        if (current == null || !Arrays.equals(addresses, listed)) {
            close();
            current = SpreadTable.of(
                    device, copies.stream().map(CudaCopier::member).toList());
            listed = addresses;
            table = current;
        }
        kernel.spread(CudaStream.current(), current);
    }

    private static SpreadTable.Member member(AdapterCopy copy) {
        return new SpreadTable.Member(
                copy.parameter().address(),
                CudaKernels.rows(copy.target()),
                Math.toIntExact(copy.parameter().size(0)),
                Math.toIntExact(copy.parameter().size(1)),
                copy.factor());
    }

    @Override
    public void close() {
        if (table != null) {
            device.synchronize();
            table.close();
            table = null;
        }
    }
}
