package io.lorica.inference.api;

/// The answer to a deletion.
record DeletedModel(String id, String object, boolean deleted) {

    static DeletedModel of(String id) {
        return new DeletedModel(id, "model", true);
    }
}
