package io.lorica.llm.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// A macro, or the body of a `call` block, as a function that gives text.
///
/// @param signature its name and parameters
/// @param scope where it was defined
/// @param evaluator for the parameters that are left out
/// @param body gives the text, once the scope has the arguments
record Macro(Statement.Signature signature, Scope scope, Evaluator evaluator, Function<Scope, String> body)
        implements Callable {

    String name() {
        return signature.name();
    }

    @Override
    public Object call(Arguments arguments) {
        Scope inner = scope.inner();
        bind(arguments, inner);
        return Budget.call(() -> body.apply(inner));
    }

    private void bind(Arguments arguments, Scope inner) {
        List<Statement.Parameter> parameters = signature.parameters();
        List<Object> positional = arguments.positional();
        Map<String, Object> named = new LinkedHashMap<>(arguments.named());
        for (int i = 0; i < parameters.size(); i++) {
            Statement.Parameter parameter = parameters.get(i);
            Object passed = i < positional.size() ? positional.get(i) : named.remove(parameter.name());
            inner.set(parameter.name(), passed == null ? otherwise(parameter, inner) : passed);
        }
        if (signature.takesCaller()) {
            Object caller = named.remove("caller");
            inner.set("caller", caller == null ? new Undefined("no caller is defined") : caller);
        }
        bindMore(positional, named, inner);
    }

    private Object otherwise(Statement.Parameter parameter, Scope inner) {
        Expression otherwise = parameter.otherwise();
        return otherwise == null
                ? new Undefined("the parameter '" + parameter.name() + "' was not provided")
                : evaluator.value(otherwise, inner);
    }

    private void bindMore(List<Object> positional, Map<String, Object> named, Scope inner) {
        int most = signature.parameters().size();
        if (signature.takesMore()) {
            int start = Math.min(most, positional.size());
            inner.set("varargs", new Sequence.Tuple(positional.subList(start, positional.size())));
        } else if (positional.size() > most) {
            throw JinjaException.rendering("the macro '" + name() + "' takes at most " + most + " arguments");
        }
        if (signature.takesMoreNamed()) {
            inner.set("kwargs", new LinkedHashMap<Object, Object>(named));
        } else if (!named.isEmpty()) {
            throw JinjaException.rendering("the macro '" + name() + "' takes no argument '"
                    + named.keySet().iterator().next() + "'");
        }
    }
}
