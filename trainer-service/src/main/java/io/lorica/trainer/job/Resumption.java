package io.lorica.trainer.job;

/// How often users had a job go on that had ended. Each time the job begins another life, with attempts of its own.
///
/// @param count how often
/// @param afterAttempt the attempt in which it had ended the last time; attempts up to it count no more
public record Resumption(int count, int afterAttempt) {

    /// A job that was never resumed.
    public static final Resumption NONE = new Resumption(0, 0);

    Resumption after(int attempt) {
        return new Resumption(count + 1, attempt);
    }
}
