package io.lorica.inference.messaging;

import java.util.List;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.contracts.event.Topic;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.inference.adapter.AdapterRegistry;
import io.lorica.inference.adapter.AdapterState;
import io.lorica.inference.adapter.JobActivity;
import io.lorica.inference.adapter.ModelOwners;
import io.lorica.kit.event.BrokerConfig;
import io.lorica.kit.event.EventCodec;
import io.lorica.kit.event.TopicReader;
import io.lorica.kit.event.Topics;
import io.lorica.storage.ObjectKey;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;

/// Hears of adapters and checkpoints from Kafka. Every process reads both topics whole: each needs to know them all.
@Singleton
public final class AdapterNews {

    private static final Logger LOG = Logger.getLogger(AdapterNews.class);

    private final BrokerConfig broker;
    private final Topics topics;
    private final AdapterRegistry registry;
    private final ModelOwners owners;
    private final JobActivity activity;
    private volatile List<TopicReader> readers = List.of();

    AdapterNews(
            BrokerConfig broker, Topics topics, AdapterRegistry registry, ModelOwners owners, JobActivity activity) {
        this.broker = broker;
        this.topics = topics;
        this.registry = registry;
        this.owners = owners;
        this.activity = activity;
    }

    void start(@Observes StartupEvent event) {
        readers = List.of(
                TopicReader.start(Topic.JOB_EVENTS, topics, broker, this::hear),
                TopicReader.start(Topic.ADAPTERS, topics, broker, this::hear));
    }

    void stop(@Observes ShutdownEvent event) {
        readers.forEach(TopicReader::close);
    }

    /// Whether everything that was in Kafka when the service started is known.
    boolean caughtUp() {
        List<TopicReader> current = readers;
        return !current.isEmpty() && current.stream().allMatch(TopicReader::caughtUp);
    }

    /// Refuses to answer from a view that is not complete: a model that has not been heard of yet is not a model that
    /// does not exist.
    ///
    /// @throws ProductException with `BROKER_UNAVAILABLE` until everything that was in Kafka at the start is known
    public void requireCaughtUp() {
        if (!caughtUp()) {
            throw ProductException.of(
                    ErrorCode.BROKER_UNAVAILABLE,
                    "The models have not all been read from the Kafka broker at " + broker.servers()
                            + ". Try again in a moment; GET /q/health/ready of the inference-service says what it waits"
                            + " for.");
        }
    }

    private void hear(ConsumerRecord<String, byte[]> entry) {
        try {
            Optional<EventEnvelope<?>> event =
                    entry.value() == null ? Optional.empty() : EventCodec.decode(entry.value());
            event.ifPresent(this::take);
        } catch (IllegalArgumentException e) {
            LOG.errorf(
                    e,
                    "record skipped topic=%s partition=%d offset=%d",
                    entry.topic(),
                    entry.partition(),
                    entry.offset());
        }
    }

    private void take(EventEnvelope<?> event) {
        switch (event.data()) {
            case DomainEvent.CheckpointSaved saved -> announce(saved.name(), saved.base(), saved.manifestKey(), event);
            case DomainEvent.AdapterPublished published -> {
                owners.learn(
                        published.manifest().adapter(),
                        published.manifest().spec().owner());
                announce(
                        published.manifest().name(),
                        published.manifest().spec().model(),
                        published.manifestKey(),
                        event);
            }
            case DomainEvent.AdapterRetired retired -> registry.retire(retired.name());
            case DomainEvent.JobSubmitted submitted -> take(submitted);
            case DomainEvent.JobStarted started -> activity.started(started.job());
            case DomainEvent.JobSucceeded succeeded -> activity.ended(succeeded.job());
            case DomainEvent.JobFailed failed -> activity.ended(failed.job());
            case DomainEvent.JobCancelled cancelled -> activity.ended(cancelled.job());
            case DomainEvent.JobResumed resumed -> activity.started(resumed.job());
            case DomainEvent.DatasetPublished _, DomainEvent.DatasetRejected _, DomainEvent.JobEvent _ -> {}
        }
    }

    private void take(DomainEvent.JobSubmitted submitted) {
        owners.learn(submitted.adapter(), submitted.spec().owner());
        activity.submitted(submitted.job(), submitted.adapter());
        ParentAdapter parent = submitted.spec().parent();
        if (parent != null) {
            registry.descends(submitted.adapter(), parent.name());
        }
    }

    private void announce(ModelName name, BaseModelId base, String manifest, EventEnvelope<?> event) {
        registry.announce(new AdapterState.Announced(name, base, new ObjectKey(manifest), event.time()));
    }
}
