package io.lorica.llm.generate;

import java.util.Optional;

/// One token.
///
/// @param id its number in the vocabulary
/// @param text the characters that became complete with it: whole code points only, empty where the bytes of one are
///     still under way, and never any part of the end-of-sequence marker
/// @param stop why the answer ends with this token, empty where it goes on
public record GeneratedToken(int id, String text, Optional<StopReason> stop) {}
