package io.lorica.gguf;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// Pairs of bytes merged into tokens (https://arxiv.org/abs/1508.07909), each byte spelled as a printable
/// character.
///
/// @param tokens the tokens by their id
/// @param kinds what each is for
/// @param merges the pairs, most wanted first, each as two tokens with a space between
/// @param cut how text is cut into words
record ByteLevelVocabulary(List<String> tokens, List<TokenKind> kinds, List<String> merges, PreTokenizer cut)
        implements Vocabulary {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public JsonNode normalizer() {
        return cut.normalized() ? JSON.createObjectNode().put("type", "NFC") : NullNode.getInstance();
    }

    @Override
    public JsonNode preTokenizer() {
        return cut.tree();
    }

    @Override
    public ObjectNode decoder() {
        return JSON.createObjectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", false);
    }

    @Override
    public ObjectNode model() {
        ObjectNode model = JSON.createObjectNode().put("type", "BPE");
        model.put("byte_fallback", false).put("fuse_unk", false).put("ignore_merges", cut.wholeWords());
        Set<String> merged = merged();
        ObjectNode ids = model.putObject("vocab");
        for (int id = 0; id < tokens.size(); id++) {
            if (!kinds.get(id).silent() || merged.contains(tokens.get(id))) {
                ids.put(tokens.get(id), id);
            }
        }
        ArrayNode list = model.putArray("merges");
        merges.forEach(list::add);
        return model;
    }

    @Override
    public boolean addsBos() {
        return cut.wholeWords();
    }

    /// The tokens that merges need or make.
    private Set<String> merged() {
        Set<String> texts = new HashSet<>();
        for (String merge : merges) {
            texts.addAll(List.of(merge.split(" ", 2)));
            texts.add(merge.replaceFirst(" ", ""));
        }
        return texts;
    }
}
