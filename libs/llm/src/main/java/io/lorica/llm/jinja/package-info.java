/// Jinja as chat templates use it: what `transformers` renders with Python's jinja2, rendered here byte for byte.
///
/// A template is lexed by [Lexer], parsed by [StatementParser] and [ExpressionParser] into [Statement] and
/// [Expression],
/// and rendered by [Renderer] and [Evaluator]. Its values are plain data (see [Values]): a template cannot reach a Java
/// object, a class, a file or another template, and every render has a [Budget]. Depends on nothing.
@NullMarked
package io.lorica.llm.jinja;

import org.jspecify.annotations.NullMarked;
