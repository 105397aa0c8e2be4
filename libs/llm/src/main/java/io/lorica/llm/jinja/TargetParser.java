package io.lorica.llm.jinja;

import java.util.ArrayList;
import java.util.List;

/// Reads what values are given to.
final class TargetParser {

    private final TokenStream tokens;

    TargetParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /// A name, a namespace's attribute where they are allowed, or several of them.
    Target target(boolean namespaces) {
        List<Target> targets = new ArrayList<>();
        boolean comma = false;
        do {
            if (comma && !startsTarget()) {
                break;
            }
            targets.add(singleTarget(namespaces));
            comma |= tokens.current().isOperator(",");
        } while (tokens.skipOperator(","));
        return comma ? new Target.Unpacked(targets) : targets.getFirst();
    }

    private boolean startsTarget() {
        Token token = tokens.current();
        return token.isOperator("(") || (token.kind() == Token.Kind.NAME && !token.isName("in"));
    }

    private Target singleTarget(boolean namespaces) {
        if (tokens.skipOperator("(")) {
            Target inner = target(namespaces);
            tokens.expectOperator(")");
            return inner;
        }
        String name = tokens.expect(Token.Kind.NAME, "a name").text();
        if (namespaces && tokens.skipOperator(".")) {
            String attribute = tokens.expect(Token.Kind.NAME, "a name").text();
            return new Target.InNamespace(name, attribute);
        }
        return new Target.Named(name);
    }
}
