package io.lorica.trainer.execution;

import java.nio.charset.StandardCharsets;
import java.util.List;

import io.lorica.contracts.id.JobId;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectStore;
import io.lorica.storage.StoredObject;
import jakarta.inject.Singleton;

/// Who owns which attempt of a job. An attempt belongs to the process that created its object in the store, of
/// which there can be only one; the broker's redelivery count restarts when the broker does and is no fence.
@Singleton
public final class AttemptClaims {

    private final ObjectStore store;

    AttemptClaims(ObjectStore store) {
        this.store = store;
    }

    /// Claims the next attempt of a job and returns its number.
    public int claimNext(JobId job) {
        byte[] owner = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8);
        int attempt = latest(job) + 1;
        while (!store.putIfAbsent(ArtifactLayout.attemptClaim(job, attempt), owner, "text/plain")) {
            attempt++;
        }
        return attempt;
    }

    /// The number of the latest attempt, 0 before the first.
    public int latest(JobId job) {
        List<StoredObject> claims = store.list(ArtifactLayout.attemptClaims(job));
        return claims.isEmpty() ? 0 : Integer.parseInt(claims.getLast().key().name());
    }
}
