package io.lorica.llm.tokenizer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.weights.ModelFiles;

/// A `tokenizer.json`, run by Hugging Face's own library through DJL.
final class HuggingFaceBpe implements Tokenizer {

    private static final Map<String, String> OPTIONS = Map.of("truncation", "false", "padding", "false");

    private static final String FLAVOR = "RUST_FLAVOR";

    static {
        // On a machine with a GPU DJL would fetch a build of the library for it, which tokens have no use for.
        if (System.getenv(FLAVOR) == null && System.getProperty(FLAVOR) == null) {
            System.setProperty(FLAVOR, "cpu");
        }
    }

    private final HuggingFaceTokenizer tokenizer;
    private final int eosId;
    private final String eosText;
    private final OptionalInt bosId;
    private final boolean addsBos;

    private HuggingFaceBpe(HuggingFaceTokenizer tokenizer, SpecialTokens special) {
        this.tokenizer = tokenizer;
        this.eosText = special.text("eos_token")
                .orElseThrow(() -> unusable("its " + TokenizerFiles.CONFIG + " names no eos_token"));
        this.eosId = marker(eosText).orElseThrow(() -> unusable("its eos_token is no single token"));
        this.bosId = special.text("bos_token").map(this::marker).orElse(OptionalInt.empty());
        this.addsBos = bosId.isPresent() && startsWithBos(ids("a", true));
    }

    static HuggingFaceBpe open(ModelFiles model) {
        try (InputStream tree =
                new ByteArrayInputStream(model.read(TokenizerFiles.TOKENIZER).orElseThrow(HuggingFaceBpe::missing))) {
            SpecialTokens special = TokenizerFiles.read(model).specialTokens();
            return new HuggingFaceBpe(HuggingFaceTokenizer.newInstance(tree, OPTIONS), special);
        } catch (IOException | ai.djl.engine.EngineException e) {
            throw unusable("its " + TokenizerFiles.TOKENIZER + " cannot be read", e);
        }
    }

    @Override
    public int[] encode(String text) {
        return ids(text, false);
    }

    @Override
    public int[] encodeSequence(String text) {
        int[] ids = encode(text);
        if (!addsBos) {
            return ids;
        }
        int bos = bosId.orElseThrow();
        IntStream behindIt = Arrays.stream(ids).dropWhile(id -> id == bos);
        return IntStream.concat(IntStream.of(bos), behindIt).toArray();
    }

    @Override
    public String decode(int[] ids) {
        return decode(ids, true);
    }

    @Override
    public String decodeWhole(int[] ids) {
        return decode(ids, false);
    }

    @Override
    public int eosId() {
        return eosId;
    }

    @Override
    public String eosText() {
        return eosText;
    }

    @Override
    public OptionalInt bosId() {
        return bosId;
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private String decode(int[] ids, boolean skipMarkers) {
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), skipMarkers);
    }

    private int[] ids(String text, boolean addMarkers) {
        return LongStream.of(tokenizer.encode(text, addMarkers, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    private boolean startsWithBos(int[] ids) {
        return ids.length > 0 && bosId.isPresent() && ids[0] == bosId.getAsInt();
    }

    private OptionalInt marker(String text) {
        int[] ids = encode(text);
        return ids.length == 1 ? OptionalInt.of(ids[0]) : OptionalInt.empty();
    }

    private static ProductException missing() {
        return unusable("its " + TokenizerFiles.TOKENIZER + " is missing");
    }

    private static ProductException unusable(String reason) {
        return ProductException.of(ErrorCode.UNSUPPORTED_MODEL, words(reason));
    }

    private static ProductException unusable(String reason, Exception cause) {
        return ProductException.of(ErrorCode.UNSUPPORTED_MODEL, words(reason), cause);
    }

    private static String words(String reason) {
        return "The model's tokenizer cannot be used: " + reason + ".";
    }
}
