package io.lorica.llm.jinja;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The values passed to a call.
record Arguments(List<Object> positional, Map<String, Object> named) {

    static final Arguments NONE = new Arguments(List.of(), Map.of());

    /// The arguments by the names of their parameters.
    ///
    /// @throws JinjaException when there are too many, or one of another name
    Bound bind(String callee, String... parameters) {
        if (positional.size() > parameters.length) {
            throw JinjaException.rendering(
                    "'" + callee + "' takes at most " + parameters.length + " arguments, not " + positional.size());
        }
        Map<String, Object> bound = new HashMap<>();
        for (int i = 0; i < positional.size(); i++) {
            bound.put(parameters[i], positional.get(i));
        }
        List<String> known = List.of(parameters);
        named.forEach((name, value) -> {
            if (!known.contains(name) || bound.putIfAbsent(name, value) != null) {
                throw JinjaException.rendering("'" + callee + "' takes no argument '" + name + "' here");
            }
        });
        return new Bound(callee, bound);
    }

    /// The arguments behind the first positional one.
    Arguments rest() {
        return new Arguments(positional.subList(1, positional.size()), named);
    }

    /// Arguments by the names of their parameters.
    record Bound(String callee, Map<String, Object> values) {

        Object required(String name) {
            return given(name).orElseThrow(() -> JinjaException.rendering("'" + callee + "' needs '" + name + "'"));
        }

        Optional<Object> given(String name) {
            return Optional.ofNullable(values.get(name));
        }

        Object or(String name, Object otherwise) {
            return given(name).orElse(otherwise);
        }

        String text(String name) {
            return Values.text(required(name));
        }

        boolean flag(String name) {
            return given(name).filter(Values::isTrue).isPresent();
        }

        int integer(String name, int otherwise) {
            return given(name).map(Numbers::toInt).orElse(otherwise);
        }
    }
}
