package io.lorica.trainer.execution;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import io.lorica.contracts.id.JobId;
import io.lorica.storage.DirectoryObjectStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class AttemptClaimsTest {

    private static final int TRAINERS = 16;

    @TempDir
    Path directory;

    @Test
    void countsTheAttemptsOfEachJob() {
        // Given
        AttemptClaims claims = new AttemptClaims(new DirectoryObjectStore(directory));
        JobId job = JobId.random();

        // When, Then
        assertThat(claims.latest(job)).isZero();
        assertThat(claims.claimNext(job)).isEqualTo(1);
        assertThat(claims.claimNext(job)).isEqualTo(2);
        assertThat(claims.latest(job)).isEqualTo(2);
        assertThat(claims.claimNext(JobId.random())).isEqualTo(1);
    }

    @Test
    void givesEveryTrainerAnAttemptOfItsOwn() throws Exception {
        // Given
        AttemptClaims claims = new AttemptClaims(new DirectoryObjectStore(directory));
        JobId job = JobId.random();

        // When
        List<Future<Integer>> attempts;
        try (ExecutorService trainers = Executors.newFixedThreadPool(TRAINERS)) {
            Callable<Integer> claim = () -> claims.claimNext(job);
            attempts = trainers.invokeAll(
                    IntStream.range(0, TRAINERS).mapToObj(_ -> claim).toList());
        }

        // Then
        assertThat(attempts.stream().map(Future::resultNow))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, TRAINERS).boxed().toList());
    }
}
