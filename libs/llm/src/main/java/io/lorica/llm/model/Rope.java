package io.lorica.llm.model;

/// How positions turn queries and keys.
///
/// @param theta the base of the rotary frequencies
/// @param scaling how they are stretched
public record Rope(double theta, RopeScaling scaling) {}
