package io.lorica.trainer.messaging;

import java.time.Duration;

/// A trainer in a process of its own that takes a job, says which, and holds it until it is killed.
final class QueueHolder {

    private QueueHolder() {}

    public static void main(String[] arguments) throws Exception {
        QueueFixture jobs = QueueFixture.of(arguments[0], arguments[1], Duration.ofSeconds(60));
        try (TrainingQueue queue = jobs.join()) {
            System.out.println(QueueFixture.awaitJob(queue, Duration.ofMinutes(2)));
            while (true) {
                Thread.sleep(1_000);
                queue.renew();
            }
        }
    }
}
