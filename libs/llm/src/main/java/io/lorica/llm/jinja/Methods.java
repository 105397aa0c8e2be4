package io.lorica.llm.jinja;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

import org.jspecify.annotations.Nullable;

/// The methods of one type of value, by name.
final class Methods<T> {

    private final Map<String, BiFunction<T, Arguments, Object>> methods = new HashMap<>();
    private final Set<String> changing;

    /// @param changing methods that Python has and a template may not call, since they change the value
    Methods(Set<String> changing) {
        this.changing = changing;
    }

    Methods<T> add(String name, BiFunction<T, Arguments.Bound, Object> body, String... parameters) {
        methods.put(name, (self, arguments) -> body.apply(self, arguments.bind(name, parameters)));
        return this;
    }

    /// The method bound to its value, what says that it is forbidden, or null where there is none.
    @Nullable
    Object of(T self, String name) {
        if (changing.contains(name)) {
            return Undefined.forbidden(self, name);
        }
        BiFunction<T, Arguments, Object> method = methods.get(name);
        return method == null ? null : (Callable) arguments -> method.apply(self, arguments);
    }
}
