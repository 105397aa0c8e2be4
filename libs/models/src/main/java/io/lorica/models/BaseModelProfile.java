package io.lorica.models;

/// What a job needs to know of a base model before it is loaded.
///
/// @param architecture the class that `config.json` names, such as `Qwen2ForCausalLM`
/// @param terminator the tokenizer's end-of-sequence text
/// @param maxPositions how many tokens a sequence may have
public record BaseModelProfile(String architecture, String terminator, int maxPositions) {}
