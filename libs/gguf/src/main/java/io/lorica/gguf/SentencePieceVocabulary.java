package io.lorica.gguf;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// The vocabulary of a SentencePiece model (https://arxiv.org/abs/1808.06226) of the BPE type: neighbours
/// are merged into the piece of the highest score, a space is `▁`, and what no piece spells becomes tokens
/// of single bytes.
///
/// As byte-pair merges: each way to put a piece together from two others, ordered by the piece's score.
///
/// @param tokens the pieces by their id
/// @param kinds what each is for
/// @param scores how much each is wanted
/// @param unknown the piece for what cannot be spelled
/// @param spaceFirst whether a space is put before a text
record SentencePieceVocabulary(
        List<String> tokens, List<TokenKind> kinds, List<Double> scores, String unknown, boolean spaceFirst)
        implements Vocabulary {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SPACE = "▁";

    private record Merge(int left, int right, double score) {}

    @Override
    public JsonNode normalizer() {
        ObjectNode root = JSON.createObjectNode().put("type", "Sequence");
        ArrayNode steps = root.putArray("normalizers");
        if (spaceFirst) {
            steps.addObject().put("type", "Prepend").put("prepend", SPACE);
        }
        replace(steps.addObject(), " ", SPACE);
        return root;
    }

    @Override
    public JsonNode preTokenizer() {
        return NullNode.getInstance();
    }

    @Override
    public ObjectNode decoder() {
        ObjectNode root = JSON.createObjectNode().put("type", "Sequence");
        ArrayNode steps = root.putArray("decoders");
        replace(steps.addObject(), SPACE, " ");
        steps.addObject().put("type", "ByteFallback");
        steps.addObject().put("type", "Fuse");
        if (spaceFirst) {
            steps.addObject()
                    .put("type", "Strip")
                    .put("content", " ")
                    .put("start", 1)
                    .put("stop", 0);
        }
        return root;
    }

    @Override
    public ObjectNode model() {
        ObjectNode model = JSON.createObjectNode().put("type", "BPE");
        model.put("unk_token", unknown)
                .put("fuse_unk", true)
                .put("byte_fallback", true)
                .put("ignore_merges", false);
        ObjectNode ids = model.putObject("vocab");
        for (int id = 0; id < tokens.size(); id++) {
            if (!kinds.get(id).silent()) {
                ids.put(tokens.get(id), id);
            }
        }
        ArrayNode list = model.putArray("merges");
        merges().forEach(merge -> list.add(tokens.get(merge.left()) + " " + tokens.get(merge.right())));
        return model;
    }

    @Override
    public boolean addsBos() {
        return true;
    }

    private List<Merge> merges() {
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            if (kinds.get(id) == TokenKind.NORMAL) {
                ids.put(tokens.get(id), id);
            }
        }
        List<Merge> merges = new ArrayList<>();
        ids.forEach((piece, id) -> addMerges(merges, ids, piece, scores.get(id)));
        merges.sort(Comparator.comparingDouble(Merge::score)
                .reversed()
                .thenComparingInt(Merge::left)
                .thenComparingInt(Merge::right));
        return merges;
    }

    private static void addMerges(List<Merge> merges, Map<String, Integer> ids, String piece, double score) {
        for (int cut = 1; cut < piece.length(); cut++) {
            Integer left = ids.get(piece.substring(0, cut));
            Integer right = ids.get(piece.substring(cut));
            if (left != null && right != null) {
                merges.add(new Merge(left, right, score));
            }
        }
    }

    private static void replace(ObjectNode step, String from, String to) {
        step.put("type", "Replace").put("content", to).putObject("pattern").put("String", from);
    }
}
