package io.lorica.llm.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Carries out statements. Confined to one render.
final class Renderer {

    /// How a body ended.
    private enum Flow {
        ON,
        BREAK,
        CONTINUE
    }

    private final Evaluator evaluator = new Evaluator();

    /// The text that the statements make.
    String text(List<Statement> body, Scope scope) {
        StringBuilder text = new StringBuilder();
        run(body, scope, text);
        return text.toString();
    }

    private Flow run(List<Statement> body, Scope scope, StringBuilder text) {
        for (Statement statement : body) {
            Flow flow = run(statement, scope, text);
            if (flow != Flow.ON) {
                return flow;
            }
        }
        return Flow.ON;
    }

    private Flow run(Statement statement, Scope scope, StringBuilder text) {
        switch (statement) {
            case Statement.Text(String data) -> write(data, text);
            case Statement.Output(Expression value, int line) ->
                write(Evaluator.located(line, () -> PythonText.of(evaluator.value(value, scope))), text);
            case Statement.If it -> {
                return branch(it, scope, text);
            }
            case Statement.For it -> {
                return Evaluator.located(it.line(), () -> loop(it, scope, text));
            }
            case Statement.Break() -> {
                return Flow.BREAK;
            }
            case Statement.Continue() -> {
                return Flow.CONTINUE;
            }
            case Statement.Assign(Target target, Expression value, int line) ->
                assign(target, evaluator.value(value, scope), scope, line);
            case Statement.Capture(Target target, Expression value, List<Statement> body, int line) ->
                assign(target, captured(value, body, scope), scope, line);
            case Statement.Macro(Statement.Signature signature, List<Statement> body) ->
                scope.set(signature.name(), macro(signature, body, scope));
            case Statement.CallBlock it -> write(PythonText.of(call(it, scope)), text);
            case Statement.FilterBlock it -> write(PythonText.of(captured(it.value(), it.body(), scope)), text);
            case Statement.With it -> {
                return with(it, scope, text);
            }
            case Statement.Scoped(List<Statement> body) -> {
                return run(body, scope.inner(), text);
            }
        }
        return Flow.ON;
    }

    private void write(String piece, StringBuilder text) {
        Budget.grow(piece.length());
        text.append(piece);
    }

    private Flow branch(Statement.If branches, Scope scope, StringBuilder text) {
        for (Statement.Branch branch : branches.branches()) {
            if (evaluator.isTrue(branch.test(), scope)) {
                return run(branch.body(), scope, text);
            }
        }
        return run(branches.otherwise(), scope, text);
    }

    private Flow loop(Statement.For loop, Scope scope, StringBuilder text) {
        return loop(loop, evaluator.value(loop.iterable(), scope), 1, scope, text);
    }

    private Flow loop(Statement.For loop, Object iterable, int depth, Scope scope, StringBuilder text) {
        List<Object> elements = chosen(loop, Values.elements(iterable), scope);
        if (elements.isEmpty()) {
            return run(loop.otherwise(), scope.inner(), text);
        }
        Loop state = new Loop(elements, depth, loop.recursive() ? recursion(loop, depth, scope) : null);
        for (int i = 0; i < elements.size(); i++) {
            Budget.step();
            state.moveTo(i);
            Scope inner = scope.inner();
            inner.set("loop", state);
            assign(loop.target(), elements.get(i), inner, loop.line());
            if (run(loop.body(), inner, text) == Flow.BREAK) {
                break;
            }
        }
        return Flow.ON;
    }

    private List<Object> chosen(Statement.For loop, List<Object> elements, Scope scope) {
        Expression filter = loop.filter();
        if (filter == null) {
            return elements;
        }
        List<Object> chosen = new ArrayList<>();
        for (Object element : elements) {
            Scope inner = scope.inner();
            assign(loop.target(), element, inner, loop.line());
            if (evaluator.isTrue(filter, inner)) {
                chosen.add(element);
            }
        }
        return chosen;
    }

    private Callable recursion(Statement.For loop, int depth, Scope scope) {
        return arguments -> Budget.call(() -> {
            StringBuilder text = new StringBuilder();
            Object iterable = arguments.bind("loop", "iterable").required("iterable");
            loop(loop, iterable, depth + 1, scope, text);
            return text.toString();
        });
    }

    private void assign(Target target, Object value, Scope scope, int line) {
        switch (target) {
            case Target.Named(String name) -> scope.set(name, value);
            case Target.InNamespace(String namespace, String attribute) -> {
                if (!(scope.get(namespace) instanceof Namespace owner)) {
                    throw JinjaException.rendering("'" + namespace + "' is no namespace, so nothing in it can be set")
                            .at(line);
                }
                Evaluator.located(line, () -> {
                    owner.set(attribute, value);
                    return owner;
                });
            }
            case Target.Unpacked(List<Target> targets) -> {
                List<Object> elements = Values.elements(value);
                if (elements.size() != targets.size()) {
                    throw JinjaException.rendering(
                                    elements.size() + " values cannot be given to " + targets.size() + " names")
                            .at(line);
                }
                for (int i = 0; i < targets.size(); i++) {
                    assign(targets.get(i), elements.get(i), scope, line);
                }
            }
        }
    }

    private Object captured(Expression value, List<Statement> body, Scope scope) {
        Scope inner = scope.inner();
        inner.set(Statement.CAPTURED, text(body, scope.inner()));
        return evaluator.value(value, inner);
    }

    private Macro macro(Statement.Signature signature, List<Statement> body, Scope scope) {
        return new Macro(signature, scope, evaluator, inner -> text(body, inner));
    }

    private Object call(Statement.CallBlock block, Scope scope) {
        Expression.Call call = block.call();
        Macro caller = macro(block.signature(), block.body(), scope);
        return Evaluator.located(call.line(), () -> {
            Arguments arguments = evaluator.arguments(call.passed(), scope);
            Map<String, Object> named = new LinkedHashMap<>(arguments.named());
            named.put("caller", caller);
            if (evaluator.value(call.callee(), scope) instanceof Macro macro) {
                return macro.call(new Arguments(arguments.positional(), named));
            }
            throw JinjaException.rendering("'call' needs a macro");
        });
    }

    private Flow with(Statement.With with, Scope scope, StringBuilder text) {
        Scope inner = scope.inner();
        for (int i = 0; i < with.targets().size(); i++) {
            assign(with.targets().get(i), evaluator.value(with.values().get(i), scope), inner, 0);
        }
        return run(with.body(), inner, text);
    }
}
