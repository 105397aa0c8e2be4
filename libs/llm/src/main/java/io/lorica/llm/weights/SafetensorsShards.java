package io.lorica.llm.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// The safetensors files of one model, mapped together.
final class SafetensorsShards implements ModelWeightFiles {

    private final List<SafetensorsFile> files;
    private final Map<String, SafetensorsFile> owners = new LinkedHashMap<>();

    private SafetensorsShards(List<SafetensorsFile> files) {
        this.files = files;
        for (SafetensorsFile file : files) {
            file.names().forEach(name -> owners.putIfAbsent(name, file));
        }
    }

    static SafetensorsShards open(Path directory, List<String> names) {
        List<SafetensorsFile> opened = new ArrayList<>();
        try {
            for (String name : names) {
                opened.add(open(directory.resolve(name)));
            }
            return new SafetensorsShards(opened);
        } catch (RuntimeException e) {
            opened.forEach(SafetensorsFile::close);
            throw e;
        }
    }

    @Override
    public Set<String> names() {
        return owners.keySet();
    }

    @Override
    public Optional<StoredTensor> tensor(String name) {
        return Optional.ofNullable(owners.get(name)).flatMap(file -> file.tensor(name));
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }

    private static SafetensorsFile open(Path file) {
        if (!Files.exists(file)) {
            throw ProductException.of(
                    ErrorCode.UNSUPPORTED_MODEL,
                    "The weights file " + file.getFileName() + " is missing. Fetch the model again.");
        }
        return SafetensorsFile.open(file);
    }
}
