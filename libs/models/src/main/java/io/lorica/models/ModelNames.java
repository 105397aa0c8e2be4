package io.lorica.models;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import io.lorica.contracts.id.BaseModelId;

/// Base models that the operator has given names, so that callers need not know where they are.
///
/// @param places the place of each name: a directory, an `s3://` prefix, a hub repository, or a GGUF file in one of
/// them
public record ModelNames(Map<String, String> places) {

    /// No names.
    public static final ModelNames NONE = new ModelNames(Map.of());

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    public ModelNames {
        places = Map.copyOf(places);
    }

    /// Reads entries of the form `name=place`.
    ///
    /// @throws IllegalArgumentException if one has another form, or a name stands twice
    public static ModelNames parse(List<String> entries) {
        Map<String, String> places = new LinkedHashMap<>();
        for (String entry : entries) {
            int equals = entry.indexOf('=');
            String name = equals < 0 ? "" : entry.substring(0, equals).strip();
            String place = entry.substring(equals + 1).strip();
            if (!NAME.matcher(name).matches() || !BaseModelId.matches(place)) {
                throw new IllegalArgumentException("An entry of lorica.models.names is 'name=place', such as"
                        + " 'qwen-7b=/models/qwen-7b', with a name of letters, digits, dots, dashes and underscores;"
                        + " this one is '" + entry + "'.");
            }
            if (places.put(name, place) != null) {
                throw new IllegalArgumentException("lorica.models.names gives the name '" + name + "' twice.");
            }
        }
        return new ModelNames(places);
    }

    /// Tells whether the model is called by such a name.
    public boolean has(BaseModelId model) {
        return places.containsKey(model.value());
    }

    /// Where a model of such a name is.
    Optional<BaseModelId> place(BaseModelId model) {
        return Optional.ofNullable(places.get(model.value())).map(BaseModelId::new);
    }
}
