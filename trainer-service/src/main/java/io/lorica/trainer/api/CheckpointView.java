package io.lorica.trainer.api;

import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;

/// A checkpoint as OpenAI's clients read it (`fine_tuning.job.checkpoint`).
@JsonInclude(JsonInclude.Include.ALWAYS)
record CheckpointView(
        String id,
        String object,
        @JsonProperty("created_at") long createdAt,
        @JsonProperty("fine_tuned_model_checkpoint") String name,
        @JsonProperty("step_number") int step,
        @JsonProperty("fine_tuning_job_id") String job,
        Map<String, Object> metrics) {

    static CheckpointView of(EventEnvelope<?> event, DomainEvent.CheckpointSaved saved) {
        return new CheckpointView(
                "ftckpt_" + saved.adapter() + "-" + saved.step(),
                "fine_tuning.job.checkpoint",
                event.time().getEpochSecond(),
                saved.name().toString(),
                saved.step(),
                saved.job().value(),
                saved.metrics() == null ? Map.of("step", saved.step()) : EventView.data(saved.metrics()));
    }
}
