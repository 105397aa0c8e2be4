package io.lorica.llm.jinja;

/// Python's `None`.
enum None {
    NONE
}
