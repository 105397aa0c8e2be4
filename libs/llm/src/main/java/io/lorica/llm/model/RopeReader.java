package io.lorica.llm.model;

import java.util.List;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;

/// Reads the rotary embedding of a `config.json`: `rope_theta` and `rope_scaling` of transformers 4,
/// `rope_parameters` of 5. Where there are several, it decides as transformers 5: `rope_scaling` goes before
/// `rope_parameters`, and what stands inside goes before what stands beside.
///
/// @param root the tree
/// @param contextLength the positions that it allows
record RopeReader(JsonNode root, int contextLength) {

    private static final String ORIGINAL_CONTEXT = "original_max_position_embeddings";
    private static final double DEFAULT_THETA = 10_000;
    private static final double FAST_TURNS = 32;
    private static final double SLOW_TURNS = 1;

    Rope read() {
        JsonNode parameters = parameters();
        if (StreamSupport.stream(parameters.spliterator(), false).anyMatch(JsonNode::isObject)) {
            throw ModelConfigReader.unsupported("its rope_parameters differ from layer to layer");
        }
        if (inner(parameters, "partial_rotary_factor").asDouble(1) != 1) {
            throw ModelConfigReader.unsupported("it rotates only a part of each head");
        }
        return new Rope(theta(inner(parameters, "rope_theta")), scaling(parameters));
    }

    private JsonNode parameters() {
        JsonNode scaling = root.path("rope_scaling");
        JsonNode node = scaling.isObject() && !scaling.isEmpty() ? scaling : root.path("rope_parameters");
        return node.isObject() ? node : MissingNode.getInstance();
    }

    private JsonNode inner(JsonNode parameters, String name) {
        return parameters.has(name) ? parameters.path(name) : root.path(name);
    }

    private static double theta(JsonNode value) {
        if (!value.isMissingNode() && !(value.isNumber() && value.asDouble() > 0)) {
            throw ModelConfigReader.unsupported("its rope_theta is " + value + " and no number above 0");
        }
        return value.asDouble(DEFAULT_THETA);
    }

    private RopeScaling scaling(JsonNode node) {
        String type = node.path("rope_type").asText(node.path("type").asText("default"));
        double factor = node.path("factor").asDouble();
        return switch (type) {
            case "default" -> new RopeScaling.None();
            case "linear" -> new RopeScaling.Linear(factor);
            case "dynamic" -> new RopeScaling.Dynamic(factor, contextLength);
            case "llama3" ->
                new RopeScaling.Llama3(
                        factor,
                        node.path("low_freq_factor").asDouble(),
                        node.path("high_freq_factor").asDouble(),
                        originalContext(node));
            case "yarn" -> yarn(node, factor);
            case "longrope" -> longRope(node, factor);
            default ->
                throw ModelConfigReader.unsupported("its rope_scaling is '" + type
                        + "', and only linear, dynamic, llama3, yarn and longrope are known");
        };
    }

    private RopeScaling yarn(JsonNode node, double declaredFactor) {
        int original = originalContext(node);
        double factor = declaredFactor > 0 ? declaredFactor : (double) contextLength / original;
        double weight = node.path("mscale").asDouble();
        double weightOfAll = node.path("mscale_all_dim").asDouble();
        double sharpening = weight != 0 && weightOfAll != 0
                ? RopeScaling.Yarn.sharpening(factor, weight) / RopeScaling.Yarn.sharpening(factor, weightOfAll)
                : RopeScaling.Yarn.sharpening(factor, 1);
        return new RopeScaling.Yarn(
                factor,
                original,
                node.path("beta_fast").asDouble(FAST_TURNS),
                node.path("beta_slow").asDouble(SLOW_TURNS),
                node.path("truncate").asBoolean(true),
                node.path("attention_factor").asDouble(sharpening));
    }

    /// The attention factor follows from how much longer the context became, where it is not given.
    private RopeScaling longRope(JsonNode node, double declaredFactor) {
        int original = originalContext(node);
        double factor = declaredFactor > 0 ? declaredFactor : (double) contextLength / original;
        double sharpening = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
        return new RopeScaling.LongRope(
                divisors(node.path("short_factor")),
                divisors(node.path("long_factor")),
                original,
                node.path("attention_factor").asDouble(sharpening));
    }

    private static List<Double> divisors(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asDouble)
                .toList();
    }

    /// This one counts beside the parameters first.
    private int originalContext(JsonNode node) {
        return root.path(ORIGINAL_CONTEXT).asInt(node.path(ORIGINAL_CONTEXT).asInt(contextLength));
    }
}
