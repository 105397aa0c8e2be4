package io.lorica.llm.jinja;

import java.util.List;

import org.jspecify.annotations.Nullable;

/// The variable `loop`. Confined to one render.
final class Loop implements Callable {

    private final List<Object> elements;
    private final int depth;
    private final @Nullable Callable recursion;
    private int index;
    private @Nullable Object lastSeen;

    /// @param depth how many loops of this recursion are around it, from 1
    /// @param recursion renders the body for other elements, where the loop is recursive
    Loop(List<Object> elements, int depth, @Nullable Callable recursion) {
        this.elements = elements;
        this.depth = depth;
        this.recursion = recursion;
    }

    void moveTo(int newIndex) {
        index = newIndex;
    }

    @Override
    public Object call(Arguments arguments) {
        if (recursion == null) {
            throw JinjaException.rendering("'loop' can only be called in a loop marked 'recursive'");
        }
        return recursion.call(arguments);
    }

    /// An attribute, or null where there is none of that name.
    @Nullable
    Object attribute(String name) {
        int length = elements.size();
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) length - index;
            case "revindex0" -> length - index - 1L;
            case "first" -> index == 0;
            case "last" -> index == length - 1;
            case "length" -> (long) length;
            case "depth" -> (long) depth;
            case "depth0" -> depth - 1L;
            case "previtem" -> neighbour(index - 1, "there is no previous item");
            case "nextitem" -> neighbour(index + 1, "there is no next item");
            case "cycle" -> cycle();
            case "changed" -> changed();
            default -> null;
        };
    }

    private Object neighbour(int at, String complaint) {
        return at >= 0 && at < elements.size() ? elements.get(at) : new Undefined(complaint);
    }

    private Callable cycle() {
        return arguments -> {
            if (arguments.positional().isEmpty()) {
                throw JinjaException.rendering("'loop.cycle' needs something to cycle through");
            }
            return arguments.positional().get(index % arguments.positional().size());
        };
    }

    private Callable changed() {
        return arguments -> {
            Object now = new Sequence.Tuple(arguments.positional());
            boolean changed = lastSeen == null || !Values.equal(lastSeen, now);
            lastSeen = now;
            return changed;
        };
    }
}
