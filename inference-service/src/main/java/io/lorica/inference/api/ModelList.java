package io.lorica.inference.api;

import java.util.List;

/// All models that can be asked.
record ModelList(String object, List<ModelView> data) {

    static ModelList of(List<ModelView> models) {
        return new ModelList("list", List.copyOf(models));
    }
}
