package io.lorica.contracts.dataset;

/// A row that cannot be learned from.
///
/// @param line its line in the uploaded file, from 1
/// @param reason what is wrong with it, as a sentence for the person who made the file
public record RejectedRow(int line, String reason) {}
