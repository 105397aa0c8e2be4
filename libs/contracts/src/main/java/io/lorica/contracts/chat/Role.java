package io.lorica.contracts.chat;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonValue;

/// Who speaks in a conversation.
public enum Role {
    SYSTEM,
    USER,
    ASSISTANT;

    /// The role as it goes over the wire, in lower case.
    @JsonValue
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Reads a role; `developer` is today's name of the system role.
    public static Optional<Role> of(String wireName) {
        String name = "developer".equals(wireName) ? "system" : wireName;
        return Arrays.stream(values())
                .filter(role -> role.wireName().equals(name))
                .findFirst();
    }
}
