package io.lorica.trainer.journal;

/// That a user asked to stop a job, as it stands on the topic of control.
///
/// @param resumptions how often the job had been resumed by then
record StopRequest(int resumptions) {}
