package io.lorica.inference.api;

import io.lorica.contracts.id.ModelName;
import io.lorica.inference.engine.Conversation;
import io.lorica.inference.engine.SamplingRequest;

/// A request for a chat completion, checked.
///
/// @param model who is asked
/// @param conversation what was said so far
/// @param sampling how to choose tokens and when to stop
/// @param stream whether the answer is to come in pieces
/// @param includeUsage whether a stream ends with the number of tokens
record ChatCall(
        ModelName model, Conversation conversation, SamplingRequest sampling, boolean stream, boolean includeUsage) {}
