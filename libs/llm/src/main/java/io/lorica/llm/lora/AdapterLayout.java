package io.lorica.llm.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        Matching matching = Matching.of(spec);
        List<Place> places = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            boolean skipped = !options.layers().isEmpty() && !options.layers().contains(layer);
            for (ProjectionKind kind : ProjectionKind.values()) {
                ProjectionSite site = new ProjectionSite(layer, kind);
                if (!skipped && matching.targets(site)) {
                    places.add(matching.place(site));
                }
            }
        }
        if (places.isEmpty()) {
            throw new IllegalArgumentException("target_modules match no projection of the model");
        }
        return new AdapterLayout(places, WholeChoice.of(config, spec.extras(), places));
    }

    /// The expressions of a specification, ready to be matched.
    private record Matching(
            LoraSpec spec,
            Optional<ModulePattern> target,
            Optional<ModulePattern> excluded,
            List<Map.Entry<ModulePattern, Integer>> ranks,
            List<Map.Entry<ModulePattern, Double>> alphas) {

        static Matching of(LoraSpec spec) {
            LoraOptions options = spec.extras();
            return new Matching(
                    spec,
                    Optional.ofNullable(options.targetPattern()).map(ModulePattern::ofPath),
                    Optional.ofNullable(options.excludedPattern()).map(ModulePattern::ofPath),
                    ends(options.rankPattern()),
                    ends(options.alphaPattern()));
        }

        private static <V> List<Map.Entry<ModulePattern, V>> ends(Map<String, V> patterns) {
            return patterns.entrySet().stream()
                    .map(entry -> Map.entry(ModulePattern.ofEnd(entry.getKey()), entry.getValue()))
                    .toList();
        }

        boolean targets(ProjectionSite site) {
            boolean named = target.map(pattern -> pattern.matches(site.path()))
                    .orElseGet(() -> spec.targetModules().contains(site.kind().module()));
            return named
                    && excluded.filter(pattern -> pattern.matches(site.path())).isEmpty();
        }

        Place place(ProjectionSite site) {
            int rank = first(ranks, site).orElse(spec.rank());
            double alpha = first(alphas, site).orElse(spec.alpha());
            return new Place(site, rank, spec.scale(rank, alpha));
        }

        private static <V> Optional<V> first(List<Map.Entry<ModulePattern, V>> patterns, ProjectionSite site) {
            return patterns.stream()
                    .filter(entry -> entry.getKey().matches(site.path()))
                    .map(Map.Entry::getValue)
                    .findFirst();
        }
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
