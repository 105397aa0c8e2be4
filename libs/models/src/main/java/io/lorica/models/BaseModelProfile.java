package io.lorica.models;

import com.fasterxml.jackson.databind.JsonNode;

/// What a job needs to know of a base model before it is loaded.
///
/// @param architecture the class that `config.json` names, such as `Qwen2ForCausalLM`
/// @param terminator the tokenizer's end-of-sequence text
/// @param maxPositions how many tokens a sequence may have
/// @param config the tree of `config.json`
public record BaseModelProfile(String architecture, String terminator, int maxPositions, JsonNode config) {}
