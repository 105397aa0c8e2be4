package io.lorica.llm.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import io.lorica.contracts.job.LoraOptions;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.AdapterRoom;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionGroup;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.model.ProjectionSite;

/// Which projections of a model an adapter changes, and with what rank and scale, by PEFT's rules; and which tensors of
/// the model it carries whole.
///
/// @param places the adapted projections in the order of layers and, within a layer, of [ProjectionKind]
/// @param whole the names of tensors that it brings in the place of the model's, in the order of [WholeTensors]
record AdapterLayout(List<Place> places, List<String> whole) {

    private static final int COLUMNS_AT_ONCE = 8;

    /// One adapted projection.
    record Place(ProjectionSite site, int rank, double scale) {}

    AdapterLayout {
        places = List.copyOf(places);
        whole = List.copyOf(whole);
    }

    /// The layout that a specification gives a model.
    ///
    /// @throws IllegalArgumentException when it names a layer that is not there, or matches no projection
    static AdapterLayout of(ModelConfig config, LoraSpec spec) {
        LoraOptions options = spec.extras();
        options.layers().stream()
                .filter(layer -> layer >= config.layers())
                .findFirst()
                .ifPresent(layer -> {
                    throw new IllegalArgumentException(
                            "layers_to_transform names layer " + layer + "; the model has " + config.layers());
                });
        List<Place> places = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            boolean skipped = !options.layers().isEmpty() && !options.layers().contains(layer);
            for (ProjectionKind kind : ProjectionKind.values()) {
                ProjectionSite site = new ProjectionSite(layer, kind);
                if (!skipped && targeted(site, spec)) {
                    places.add(place(site, spec));
                }
            }
        }
        if (places.isEmpty()) {
            throw new IllegalArgumentException("target_modules match no projection of the model");
        }
        return new AdapterLayout(places, WholeChoice.of(config, spec.extras(), places));
    }

    private static boolean targeted(ProjectionSite site, LoraSpec spec) {
        String pattern = spec.extras().targetPattern();
        return pattern == null
                ? spec.targetModules().contains(site.kind().module())
                : Pattern.matches(pattern, site.path());
    }

    private static Place place(ProjectionSite site, LoraSpec spec) {
        int rank = match(spec.extras().rankPattern(), site).orElse(spec.rank());
        double alpha = match(spec.extras().alphaPattern(), site).orElse(spec.alpha());
        return new Place(site, rank, spec.scale(rank, alpha));
    }

    private static <V> Optional<V> match(Map<String, V> patterns, ProjectionSite site) {
        return patterns.entrySet().stream()
                .filter(entry -> Pattern.matches("(.*\\.)?(" + entry.getKey() + ")", site.path()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /// Columns behind the weights of each group for its adapters: whole multiples of what one access to memory loads.
    AdapterRoom room() {
        return (layer, group) -> (ranks(layer, group) + COLUMNS_AT_ONCE - 1) / COLUMNS_AT_ONCE * COLUMNS_AT_ONCE;
    }

    private int ranks(int layer, ProjectionGroup group) {
        return places.stream()
                .filter(place -> place.site().layer() == layer
                        && group.kinds().contains(place.site().kind()))
                .mapToInt(Place::rank)
                .sum();
    }
}
