package io.lorica.trainer.execution;

import io.lorica.llm.train.TrainingEngine;
import io.lorica.models.BaseModels;
import io.lorica.trainer.checkpoint.ArtifactUpload;
import io.lorica.trainer.checkpoint.CheckpointStore;
import io.lorica.trainer.config.TrainerConfig;
import io.lorica.trainer.job.JobCatalog;
import io.lorica.trainer.job.JobHistory;
import io.lorica.trainer.journal.JobJournal;
import io.lorica.trainer.journal.JournalReader;
import io.lorica.trainer.publish.AdapterPublisher;
import io.lorica.trainer.publish.ResultFiles;
import io.lorica.trainer.publish.ResultTable;

/// Everything that an attempt of a job calls upon.
record TrainingServices(
        TrainerConfig config,
        TrainingEngine engine,
        BaseModels models,
        AttemptClaims claims,
        DatasetRows rows,
        ArtifactUpload upload,
        CheckpointStore checkpoints,
        CheckpointCadence cadence,
        AdapterPublisher publisher,
        ResultTable results,
        ResultFiles resultFiles,
        JobCatalog catalog,
        JobHistory history,
        JobJournal journal,
        JournalReader journalReader,
        Patience patience,
        TrainerMetrics metrics,
        String codeVersion) {}
