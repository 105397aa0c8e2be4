package io.lorica.llm.fused;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.LoraPair;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.JoinedWeights;
import io.lorica.llm.model.LayerWeights;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionGroup;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.model.ProjectionSite;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.FlashAttention;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import org.jboss.logging.Logger;

/// A model with an adapter that is trained with gradients written by hand. The adapter's A and B stay the
/// parameters that the optimizer moves, and their collected gradients are those that it reads.
public final class FusedModel implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(FusedModel.class);

    private final CausalLm base;
    private final Kernels kernels;
    private final List<FusedLayer> layers = new ArrayList<>();
    private final AngleTable angles;
    private final AdapterCopier copier;
    private final LayerInputs hostInputs;

    private FusedModel(TensorScope scope, CausalLm base, AdapterParameters adapter, Kernels kernels) {
        this.base = base;
        this.kernels = kernels;
        Map<ProjectionSite, LoraPair> pairs = new HashMap<>();
        adapter.pairs().forEach(pair -> pairs.put(pair.site(), pair));
        for (int layer = 0; layer < base.config().layers(); layer++) {
            layers.add(layer(scope, layer, pairs));
        }
        this.angles = new AngleTable(base, scope);
        this.copier = kernels.copier(
                groups().flatMap(group -> group.copies().stream()).toList());
        this.hostInputs = kernels.hostInputs();
        refresh();
    }

    /// Why a model with that adapter cannot be trained this way, if it cannot.
    ///
    /// @param dropout probability with which the adapter's inputs are dropped
    public static Optional<String> obstacle(CausalLm base, AdapterParameters adapter, double dropout) {
        boolean dora = adapter.pairs().stream().anyMatch(pair -> pair.magnitude() != null);
        Adaptation adaptation =
                new Adaptation(dropout > 0, dora, !adapter.whole().isEmpty());
        return obstacle(base.config(), base.type(), adaptation)
                .or(() -> base.weights().layers().stream()
                                .anyMatch(weights -> weights.joined().isEmpty())
                        ? Optional.of("weights that are not joined")
                        : Optional.empty())
                .or(() -> adapter.pairs().stream().allMatch(pair -> fits(base, adapter, pair))
                        ? Optional.empty()
                        : Optional.of("no room beside the weights"));
    }

    /// The same before the model is loaded, which will then be with room for the adapter.
    ///
    /// @param type what the model will compute in
    public static Optional<String> obstacle(ModelConfig config, ElementType type, LoraSpec lora) {
        boolean whole = !AdapterParameters.whole(config, lora).isEmpty();
        return obstacle(
                config, type, new Adaptation(lora.dropout() > 0, lora.extras().dora(), whole));
    }

    /// What an adapter does that gradients by hand are not written for.
    private record Adaptation(boolean dropout, boolean dora, boolean whole) {}

    private static Optional<String> obstacle(ModelConfig config, ElementType type, Adaptation adaptation) {
        if (adaptation.dropout()) {
            return Optional.of("dropout");
        }
        if (adaptation.dora()) {
            return Optional.of("DoRA");
        }
        if (adaptation.whole()) {
            return Optional.of("biases or modules that are trained whole");
        }
        if (!FlashAttention.available(type, config.headSize())) {
            return Optional.of("attention in " + type.torchName() + " on this GPU");
        }
        return config.headNorms() ? Optional.of("norms of heads") : Optional.empty();
    }

    /// Prepares training.
    ///
    /// @param scope what will own the memory
    /// @param adapter float32 parameters, attached to [Autograd]
    public static FusedModel of(TensorScope scope, CausalLm base, AdapterParameters adapter) {
        obstacle(base, adapter, 0).ifPresent(reason -> {
            throw new IllegalArgumentException("gradients by hand are not written for " + reason);
        });
        return new FusedModel(scope, base, adapter, kernels(base));
    }

    private static Kernels kernels(CausalLm base) {
        TensorDevice device = TensorDevice.current();
        if (!device.gpu()) {
            return new AtenKernels();
        }
        if (!Cuda.available()) {
            LOG.infof("kernels are libtorch's own: %s", Cuda.status().words());
            return new AtenKernels();
        }
        return CudaKernels.of(device.index(), base.config(), base.type());
    }

    /// How many tokens are inside a feed-forward block at a time.
    ///
    /// @param tokens how many there are
    public static long insideFeedForward(long tokens) {
        return Math.min(tokens, FusedFeedForward.TOKENS_AT_ONCE);
    }

    /// Takes over what the optimizer made of the adapter.
    public void refresh() {
        try (Autograd off = Autograd.off()) {
            copier.copy();
        }
    }

    /// Takes what the first pass needs, once the optimizer has the adapter.
    void prepare() {
        groups().forEach(AdapterGroup::prepare);
    }

    @Override
    public void close() {
        copier.close();
        hostInputs.close();
        angles.close();
        groups().forEach(AdapterGroup::close);
    }

    private Stream<AdapterGroup> groups() {
        return layers.stream().flatMap(layer -> layer.groups().stream());
    }

    CausalLm base() {
        return base;
    }

    Kernels kernels() {
        return kernels;
    }

    AngleTable angles() {
        return angles;
    }

    List<FusedLayer> layers() {
        return layers;
    }

    /// The most columns that adapters have behind the last product of a layer.
    int room() {
        return layers.stream()
                .mapToInt(layer -> layer.feedForward().output().room())
                .max()
                .orElse(0);
    }

    /// Where the inputs of layers wait in one pass. Memory of the host is that of all passes, which come
    /// one after the other.
    LayerInputs inputs(ActivationPolicy policy) {
        return policy == ActivationPolicy.OFFLOAD ? hostInputs : new InputsAsTensors(policy);
    }

    private FusedLayer layer(TensorScope scope, int layer, Map<ProjectionSite, LoraPair> pairs) {
        LayerWeights weights = base.weights().layers().get(layer);
        ModelConfig config = base.config();
        FusedAttention attention = new FusedAttention(
                config,
                weights.inputNorm(),
                group(scope, layer, ProjectionGroup.ATTENTION_INPUT, pairs),
                group(scope, layer, ProjectionGroup.ATTENTION_OUTPUT, pairs),
                kernels);
        FusedFeedForward feedForward = new FusedFeedForward(
                config,
                weights.innerNorm(),
                group(scope, layer, ProjectionGroup.FEED_FORWARD_INPUT, pairs),
                group(scope, layer, ProjectionGroup.FEED_FORWARD_OUTPUT, pairs),
                kernels);
        return new FusedLayer(attention, feedForward);
    }

    private AdapterGroup group(
            TensorScope scope, int layer, ProjectionGroup group, Map<ProjectionSite, LoraPair> pairs) {
        JoinedWeights joined = base.weights().layers().get(layer).joined(group);
        return new AdapterGroup(scope, joined, members(scope, layer, group, pairs), kernels);
    }

    private List<AdapterGroup.Member> members(
            TensorScope scope, int layer, ProjectionGroup group, Map<ProjectionSite, LoraPair> pairs) {
        ModelConfig config = base.config();
        List<AdapterGroup.Member> members = new ArrayList<>();
        int column = 0;
        for (ProjectionKind kind : group.kinds()) {
            LoraPair pair = pairs.get(new ProjectionSite(layer, kind));
            if (pair != null) {
                members.add(new AdapterGroup.Member(
                        pair,
                        column,
                        group.offset(config, kind),
                        collected(scope, pair.a()),
                        collected(scope, pair.b())));
                column += Math.toIntExact(pair.a().size(0));
            }
        }
        return members;
    }

    /// The gradient that the optimizer reads; it exists from the first backward pass on, so there is an
    /// empty one.
    private static Tensor collected(TensorScope scope, Tensor parameter) {
        try (Autograd recording = Autograd.recording();
                TensorScope work = scope.child("gradient")) {
            Autograd.backward(work.borrow(parameter).mul(0).sum(), work.scalar(1));
        }
        return scope.adopt(Autograd.gradient(parameter));
    }

    private static boolean fits(CausalLm base, AdapterParameters adapter, LoraPair pair) {
        ProjectionGroup group = ProjectionGroup.of(pair.site().kind());
        LayerWeights weights = base.weights().layers().get(pair.site().layer());
        if (!(weights.joined(group) instanceof JoinedWeights.Stored stored)) {
            return true;
        }
        long ranks = adapter.pairs().stream()
                .filter(other -> other.site().layer() == pair.site().layer()
                        && group.kinds().contains(other.site().kind()))
                .mapToLong(other -> other.a().size(0))
                .sum();
        return stored.room() >= ranks;
    }
}
