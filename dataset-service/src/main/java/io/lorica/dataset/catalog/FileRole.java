package io.lorica.dataset.catalog;

import io.lorica.contracts.error.ErrorCode;

/// What a job uses a file for.
enum FileRole {
    TRAINING("Training file", "training_file", ErrorCode.INVALID_TRAINING_FILE, ErrorCode.INVALID_N_EXAMPLES),
    VALIDATION(
            "Validation file", "validation_file", ErrorCode.INVALID_VALIDATION_FILE, ErrorCode.INVALID_VALIDATION_FILE);

    private final String title;
    private final String parameter;
    private final ErrorCode invalidFile;
    private final ErrorCode tooFewExamples;

    FileRole(String title, String parameter, ErrorCode invalidFile, ErrorCode tooFewExamples) {
        this.title = title;
        this.parameter = parameter;
        this.invalidFile = invalidFile;
        this.tooFewExamples = tooFewExamples;
    }

    /// The file as a sentence begins with it.
    String title() {
        return title;
    }

    /// The part of the job's request that names the file.
    String parameter() {
        return parameter;
    }

    /// The code for a file without a single usable row.
    ErrorCode invalidFile() {
        return invalidFile;
    }

    /// The code for a file with too few usable rows.
    ErrorCode tooFewExamples() {
        return tooFewExamples;
    }
}
