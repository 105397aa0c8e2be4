package io.lorica.dataset.ingest;

import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import org.jspecify.annotations.Nullable;

/// A message as a row has it.
///
/// @param place where the row has it
/// @param message who says what
/// @param learn whether the row wants it learned, null where the row does not say
record Turn(Place place, Message message, @Nullable Boolean learn) {

    /// A message of which the row does not say more.
    static Turn of(Place place, Role role, String content) {
        return new Turn(place, Message.of(role, content), null);
    }

    boolean comesFrom(Role role) {
        return message.role() == role;
    }

    /// Tells whether the row wants it left out of what is learned.
    boolean switchedOff() {
        return Boolean.FALSE.equals(learn);
    }
}
