package io.lorica.kit.health;

import java.time.Duration;

/// What a service can do only while store and broker are there, in words for its health, and how long it waits
/// for them at its start. Once both have been there, the service stays ready: what needs one that is away is
/// refused by name, and all else goes on.
///
/// @param ofStore what needs the store
/// @param ofBroker what needs the broker
/// @param startPatience after how long the service is ready without them; a long time where it is of no use alone
public record Abilities(String ofStore, String ofBroker, Duration startPatience) {

    /// Of a service that waits for store and broker as long as it takes.
    public static Abilities waiting(String ofStore, String ofBroker) {
        return new Abilities(ofStore, ofBroker, Duration.ofDays(365));
    }
}
