package io.lorica.gateway.route;

/// A service behind the door.
public enum Upstream {
    DATASET("dataset-service"),
    TRAINER("trainer-service"),
    INFERENCE("inference-service");

    private final String serviceName;

    Upstream(String serviceName) {
        this.serviceName = serviceName;
    }

    /// The name that users and logs see.
    public String serviceName() {
        return serviceName;
    }
}
