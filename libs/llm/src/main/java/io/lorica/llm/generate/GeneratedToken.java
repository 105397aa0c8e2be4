package io.lorica.llm.generate;

import java.util.Optional;

/// One token.
///
/// @param id its number in the vocabulary
/// @param text the characters that became complete with it: whole code points only, empty where the bytes of one are
///     still under way, and never any part of a stop text or of the end-of-sequence marker
/// @param logProbability natural logarithm of the probability that the model gave it
/// @param stop why the answer ends with this token, empty where it goes on
public record GeneratedToken(int id, String text, double logProbability, Optional<StopReason> stop) {}
