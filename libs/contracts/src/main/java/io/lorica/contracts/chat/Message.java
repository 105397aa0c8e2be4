package io.lorica.contracts.chat;

import org.jspecify.annotations.Nullable;

/// One turn of a conversation.
///
/// @param role who speaks
/// @param content what is said; for an assistant, the answer without its reasoning
/// @param reasoning an assistant's chain of thought, null where there is none
public record Message(Role role, String content, @Nullable String reasoning) {

    /// A turn without reasoning.
    public static Message of(Role role, String content) {
        return new Message(role, content, null);
    }
}
