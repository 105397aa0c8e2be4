package io.lorica.llm.model;

import java.util.Arrays;

/// The seven linear maps of a decoder layer, by their place in the Hugging Face tree.
public enum ProjectionKind {
    QUERY("self_attn", "q_proj"),
    KEY("self_attn", "k_proj"),
    VALUE("self_attn", "v_proj"),
    OUTPUT("self_attn", "o_proj"),
    GATE("mlp", "gate_proj"),
    UP("mlp", "up_proj"),
    DOWN("mlp", "down_proj");

    private final String block;
    private final String module;

    ProjectionKind(String block, String module) {
        this.block = block;
        this.module = module;
    }

    /// The name that users and PEFT know, such as `q_proj`.
    public String module() {
        return module;
    }

    /// The path inside a layer, such as `self_attn.q_proj`.
    public String path() {
        return block + "." + module;
    }

    /// The kind of that module name.
    public static ProjectionKind of(String module) {
        return Arrays.stream(values())
                .filter(kind -> kind.module.equals(module))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no projection is called " + module));
    }
}
