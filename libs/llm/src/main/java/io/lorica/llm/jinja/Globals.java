package io.lorica.llm.jinja;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The functions that every chat template can call.
final class Globals {

    private Globals() {}

    static void define(Scope scope, Clock clock) {
        scope.set("range", (Callable) Globals::range);
        scope.set("dict", (Callable) Globals::mapping);
        scope.set("namespace", (Callable) Globals::namespace);
        scope.set("raise_exception", (Callable) arguments -> {
            throw new JinjaException(
                    JinjaException.Kind.REFUSAL,
                    PythonText.of(arguments.bind("raise_exception", "message").required("message")));
        });
        scope.set("strftime_now", (Callable) arguments ->
                Strftime.format(arguments.bind("strftime_now", "format").text("format"), ZonedDateTime.now(clock)));
    }

    private static Object range(Arguments arguments) {
        Arguments.Bound bound = arguments.bind("range", "start", "stop", "step");
        boolean one = bound.given("stop").isEmpty();
        long from = one ? 0 : Numbers.toInt(bound.required("start"));
        long to = Numbers.toInt(bound.required(one ? "start" : "stop"));
        long step = bound.integer("step", 1);
        if (step == 0) {
            throw JinjaException.rendering("the step of a range is zero");
        }
        long length = Math.max(0, Math.ceilDiv(to - from, step));
        if (length > Budget.LONGEST_RANGE) {
            throw JinjaException.limit("a range has more than " + Budget.LONGEST_RANGE + " numbers");
        }
        List<Object> elements = new ArrayList<>();
        for (long i = 0; i < length; i++) {
            elements.add(from + i * step);
        }
        return new Sequence.Range(from, to, step, elements);
    }

    private static Map<Object, Object> mapping(Arguments arguments) {
        Map<Object, Object> mapping = new LinkedHashMap<>();
        for (Object given : arguments.positional()) {
            if (given instanceof Map<?, ?> map) {
                mapping.putAll(map);
            } else {
                Values.elements(given).forEach(pair -> put(mapping, Values.elements(pair)));
            }
        }
        mapping.putAll(arguments.named());
        return mapping;
    }

    private static void put(Map<Object, Object> mapping, List<Object> pair) {
        if (pair.size() != 2) {
            throw JinjaException.rendering("'dict' needs pairs");
        }
        mapping.put(pair.getFirst(), pair.getLast());
    }

    private static Namespace namespace(Arguments arguments) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        mapping(arguments).forEach((name, value) -> attributes.put(Values.text(name), value));
        return new Namespace(attributes);
    }
}
