package io.lorica.llm.train;

/// Loss and accuracy over a set of rows that are not learned from.
///
/// @param loss mean cross-entropy over the learned kind of tokens, in nats
/// @param tokenAccuracy share of those tokens that the model ranked first
/// @param tokens how many there were
public record Evaluation(double loss, double tokenAccuracy, long tokens) {}
