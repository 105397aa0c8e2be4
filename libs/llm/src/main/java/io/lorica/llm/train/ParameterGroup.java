package io.lorica.llm.train;

/// Parameters that an optimizer treats alike.
///
/// @param rateFactor what their learning rate is multiplied with
/// @param parameters where they lie
/// @param moments the optimizer's state
record ParameterGroup(double rateFactor, FlatParameters parameters, Moments moments) {}
