package io.lorica.dataset.config;

import java.time.Clock;

import io.lorica.dataset.catalog.DatasetCatalog;
import io.lorica.dataset.catalog.DatasetPreparation;
import io.lorica.dataset.catalog.RowPreview;
import io.lorica.dataset.file.FileRegister;
import io.lorica.dataset.ingest.RowParser;
import io.lorica.storage.ObjectStore;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Puts the plain objects of the domain together.
final class DatasetBeans {

    @Produces
    @Singleton
    FileRegister fileRegister(ObjectStore store) {
        return new FileRegister(store, Clock.systemUTC());
    }

    @Produces
    @Singleton
    RowParser rowParser() {
        return new RowParser();
    }

    @Produces
    @Singleton
    DatasetCatalog datasetCatalog(ObjectStore store, FileRegister files, RowParser parser, DatasetConfig config) {
        return new DatasetCatalog(store, files, parser, config.workDirectory(), longestLine(config), Clock.systemUTC());
    }

    @Produces
    @Singleton
    RowPreview rowPreview(FileRegister files, RowParser parser, DatasetConfig config) {
        return new RowPreview(files, parser, longestLine(config));
    }

    @Produces
    @Singleton
    DatasetPreparation datasetPreparation(FileRegister files, DatasetCatalog catalog, DatasetConfig config) {
        return new DatasetPreparation(
                files,
                catalog,
                config.minimumTrainingExamples(),
                config.minimumValidationExamples(),
                config.namedBadLines());
    }

    private static int longestLine(DatasetConfig config) {
        return Math.toIntExact(config.maxLineSize().asLongValue());
    }
}
