package io.lorica.llm.jinja;

/// What can be called: a function, a macro, a method bound to its value.
interface Callable {

    Object call(Arguments arguments);
}
