package io.lorica.llm.tokenizer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.layout.TokenizerDescription;
import io.lorica.llm.weights.ModelFiles;

/// A `tokenizer.json`, run by Hugging Face's own library through DJL.
final class HuggingFaceBpe implements Tokenizer {

    private static final Map<String, String> OPTIONS = Map.of("truncation", "false", "padding", "false");

    // A character that no piece begins or ends with.
    private static final String ANCHOR = "\u0001";
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
    private final boolean putsSpace;
    private final Map<Integer, String> added;
    private final BitSet spoken;
    private final Map<Integer, Integer> bytes;

    private HuggingFaceBpe(HuggingFaceTokenizer tokenizer, TokenizerDescription description) {
        this.tokenizer = tokenizer;
        this.eosText = description.terminator();
        this.eosId = marker(eosText).orElseThrow(() -> unusable("its eos_token is no single token"));
        this.bosId =
                description.specialTokens().text("bos_token").map(this::marker).orElse(OptionalInt.empty());
        this.putsSpace = description.putsSpaceBeforeText();
        this.added = description.added();
        this.spoken = description.ids();
        this.spoken.andNot(description.markers());
        this.bytes = description.bytes();
        this.addsBos = bosId.isPresent() && startsWithBos(ids("a", true));
    }

    static HuggingFaceBpe open(ModelFiles model, int rows) {
        TokenizerDescription description = TokenizerDescription.read(model::read);
        description.requireRows(rows);
        try (InputStream tree = new ByteArrayInputStream(content(model, description))) {
            return new HuggingFaceBpe(HuggingFaceTokenizer.newInstance(tree, OPTIONS), description);
        } catch (IOException | ai.djl.engine.EngineException e) {
            throw unusable("its " + TokenizerDescription.TOKENIZER + " cannot be read", e);
        }
    }

    private static byte[] content(ModelFiles model, TokenizerDescription description) {
        return description.completed()
                ? description.tree().toString().getBytes(StandardCharsets.UTF_8)
                : model.read(TokenizerDescription.TOKENIZER).orElseThrow();
    }

    @Override
    public int[] encode(String text) {
        return ids(text, false);
    }

    @Override
    public int[] encodeBehind(int[] before, String text) {
        if (!putsSpace || before.length == 0) {
            return encode(text);
        }
        String anchor = added.getOrDefault(before[before.length - 1], ANCHOR);
        int[] known = encode(anchor);
        int[] ids = encode(anchor + text);
        boolean goesOn = Arrays.mismatch(known, 0, known.length, ids, 0, Math.min(known.length, ids.length)) < 0;
        return goesOn ? Arrays.copyOfRange(ids, known.length, ids.length) : encode(text);
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
    public boolean leavesOut(int id) {
        return id < 0 || !spoken.get(id);
    }

    @Override
    public OptionalInt byteOf(int id) {
        Integer value = bytes.get(id);
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
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
        return LongStream.of(tokenizer.encode(scalars(text), addMarkers, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    /// Half of a surrogate pair is no character, and becomes one replacement character.
    private static String scalars(String text) {
        boolean whole = text.codePoints().noneMatch(HuggingFaceBpe::half);
        return whole
                ? text
                : text.codePoints()
                        .map(point -> half(point) ? 0xFFFD : point)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
    }

    private static boolean half(int point) {
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    }

    private boolean startsWithBos(int[] ids) {
        return ids.length > 0 && bosId.isPresent() && ids[0] == bosId.getAsInt();
    }

    private OptionalInt marker(String text) {
        int[] ids = encode(text);
        return ids.length == 1 ? OptionalInt.of(ids[0]) : OptionalInt.empty();
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
