package io.lorica.inference.engine;

import io.lorica.inference.reasoning.AnswerStart;

/// What a model is given to go on with.
///
/// @param text the text, special markers included
/// @param start where the answer behind it begins
record Prompt(String text, AnswerStart start) {}
