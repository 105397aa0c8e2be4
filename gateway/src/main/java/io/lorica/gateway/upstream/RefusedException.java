package io.lorica.gateway.upstream;

/// The end of a body that is not read further, with the answer to it.
public final class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    /// A body that is refused so.
    public RefusedException(Refusal refusal) {
        super(refusal.message(), null, false, false);
        this.refusal = refusal;
    }

    /// The answer.
    public Refusal refusal() {
        return refusal;
    }
}
