package io.lorica.llm.fused;

import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.cuda.CudaDevice;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionGroup;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Products;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorGraph;
import io.lorica.llm.tensor.TensorScope;
import org.jboss.logging.Logger;

/// The passes of a run whose batches are so short that a GPU computes them faster than the host launches their
/// kernels: each shape is captured when it is first met, and started with one call from then on. A batch is
/// always taken the same way, so runs and resumed runs agree in every bit.
///
/// Belongs to one thread.
public final class PassGraphs implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PassGraphs.class);

    // Launching a layer forward and back takes a host 1 to 1.5 ms. An H200 does as many multiplications with a
    // layer's weights meanwhile; beyond it the filling costs more than launches.
    private static final double MULTIPLICATIONS = 0.8e11;
    /// Beyond it no model that anybody trains waits for its host, and the memory of graphs would grow large.
    private static final int MOST_TOKENS = 4_096;

    private static final int MOST_GRAPHS = 64;
    private static final long ROOM_FOR_ONE = 256L << 20;
    private static final long TRIED_SIZE = 64;

    private final GradientPass pass;
    private final CudaDevice device;
    private final int limit;
    private final TensorScope scope = TensorScope.open("pass-graphs");
    private final TensorGraph.Memory memory = TensorGraph.Memory.open();
    /// By when they were last used.
    private final SequencedMap<GraphShape, GraphedPass> graphs = new LinkedHashMap<>(MOST_GRAPHS, 0.75f, true);

    private boolean off;

    private PassGraphs(GradientPass pass, CudaDevice device) {
        this.pass = pass;
        this.device = device;
        this.limit = limit(pass.model().base().config());
    }

    /// The graphs of a run, where it can have some: on a GPU with kernels of our own, and where no layer's input
    /// waits in the host's memory.
    public static Optional<PassGraphs> of(GradientPass pass) {
        return available() && pass.policy() != ActivationPolicy.OFFLOAD
                ? Optional.of(
                        new PassGraphs(pass, Cuda.device(TensorDevice.current().index())))
                : Optional.empty();
    }

    /// Whether this process has them.
    public static boolean available() {
        return TensorDevice.current().gpu() && Cuda.graphs() && TensorGraph.available();
    }

    /// Batches of fewer tokens are graphs.
    public static int limit(ModelConfig config) {
        double weights = 0;
        for (ProjectionGroup group : ProjectionGroup.values()) {
            weights += (double) group.outputs(config) * group.inputs(config);
        }
        return (int) Math.min(MOST_TOKENS, MULTIPLICATIONS / weights);
    }

    /// As [GradientPass#collect] without noise, where the batch is short enough; else empty, and nothing is done.
    ///
    /// @param to where the losses go
    /// @param weight of every learned token
    public Optional<FusedHead.Measured> collect(TensorScope to, PassBatch batch, double weight) {
        int tokens = batch.layout().tokens();
        if (off || tokens >= limit) {
            return Optional.empty();
        }
        int sequences = batch.layout().sequences().size();
        return graph(GraphShape.holding(tokens, batch.learned(), sequences)).map(graph -> graph.run(to, batch, weight));
    }

    private Optional<GraphedPass> graph(GraphShape shape) {
        GraphedPass known = graphs.get(shape);
        if (known != null) {
            return Optional.of(known);
        }
        try {
            return Optional.of(capture(shape));
        } catch (RuntimeException failure) {
            LOG.warnf(
                    "passes are launched kernel by kernel from now on, since one of %d tokens could not be captured: %s",
                    shape.tokens(), failure.getMessage());
            forget();
            off = true;
            return Optional.empty();
        }
    }

    private GraphedPass capture(GraphShape shape) {
        if (graphs.isEmpty()) {
            prepare();
        }
        if (device.memory().free() < ROOM_FOR_ONE) {
            throw new IllegalStateException("the GPU's memory is nearly full");
        }
        if (graphs.size() == MOST_GRAPHS) {
            device.synchronize();
            graphs.pollFirstEntry().getValue().close();
        }
        GraphedPass graph = new GraphedPass(scope, device, pass, shape, memory);
        graphs.put(shape, graph);
        LOG.debugf("captured a pass of %s", shape);
        return graph;
    }

    private void prepare() {
        pass.model().prepare();
        // Graphs cannot take what libtorch keeps for others, and a capture cannot make it give that back.
        TensorDevice.current().giveBackUnused();
        ElementType type = pass.model().base().type();
        TensorGraph.prepare(device, () -> {
            try (TensorScope work = scope.child("prepare")) {
                Tensor x = work.zeros(type, TRIED_SIZE, TRIED_SIZE);
                Products.multiply(work.empty(type, TRIED_SIZE, TRIED_SIZE), x, x);
            }
        });
    }

    private void forget() {
        if (!graphs.isEmpty()) {
            device.synchronize();
        }
        graphs.values().forEach(GraphedPass::close);
        graphs.clear();
    }

    @Override
    public void close() {
        forget();
        scope.close();
    }
}
