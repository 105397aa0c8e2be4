package io.lorica.llm.fused;

import java.util.List;

import io.lorica.llm.cuda.CollectKernel;
import io.lorica.llm.cuda.CollectTable;
import io.lorica.llm.cuda.CudaDevice;
import io.lorica.llm.cuda.CudaStream;
import io.lorica.llm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// Adds all adapters' gradients of a joined matrix in one launch. The optimizer may move the gradients
/// before the first step, so their addresses are read when that comes.
final class CudaCollector implements GradientCollector {

    private final CollectKernel kernel;
    private final CudaDevice device;
    private final List<AdapterGroup.Member> members;
    private @Nullable CollectTable table;

    CudaCollector(CollectKernel kernel, CudaDevice device, List<AdapterGroup.Member> members) {
        this.kernel = kernel;
        this.device = device;
        this.members = members;
    }

    @Override
    public void prepare() {
        table();
    }

    @Override
    public void add(Tensor ofA, Tensor ofB) {
        kernel.collect(CudaStream.current(), table(), CudaKernels.rows(ofA), CudaKernels.rows(ofB));
    }

    private CollectTable table() {
        CollectTable listed = table;
        if (listed == null) {
            listed = CollectTable.of(
                    device, members.stream().map(CudaCollector::listed).toList());
            table = listed;
        }
        return listed;
    }

    private static CollectTable.Member listed(AdapterGroup.Member member) {
        return new CollectTable.Member(
                member.gradientA().address(),
                member.gradientB().address(),
                member.column(),
                Math.toIntExact(member.rank()),
                member.output(),
                Math.toIntExact(member.outputs()),
                Math.toIntExact(member.pair().a().size(1)),
                member.pair().scale());
    }

    @Override
    public void close() {
        if (table != null) {
            table.close();
            table = null;
        }
    }
}
