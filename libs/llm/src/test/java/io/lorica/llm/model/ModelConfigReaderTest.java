package io.lorica.llm.model;

import java.util.Locale;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.contracts.error.ProductException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/// Keys that say one thing twice, or not at all: what transformers 5.24 takes of them, seen in `AutoConfig` and in the
/// frequencies of `LlamaRotaryEmbedding`.
class ModelConfigReaderTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                                                   | 10000
            {"rope_theta":1e6}                                                                   | 1000000
            {"rope_theta":1e6,"rope_parameters":{"rope_type":"default","rope_theta":5e5}}        | 500000
            {"rope_theta":1e6,"rope_parameters":{"rope_type":"linear","factor":2.0}}             | 1000000
            {"rope_theta":1e6,"rope_scaling":{"type":"linear","factor":4.0,"rope_theta":7e5}}    | 700000
            {"rope_theta":1e6,"rope_scaling":{"type":"linear","factor":4.0},"rope_parameters":{"rope_theta":5e5}} | 1000000
            {"rope_theta":1e6,"rope_scaling":{},"rope_parameters":{"rope_theta":5e5}}            | 500000
            {"rope_theta":1e6,"rope_scaling":null,"rope_parameters":{"rope_theta":5e5}}          | 500000
            """)
    void takesTheInnerOfTwoThetas(String given, double theta) {
        assertThat(read("Llama", given).rope().theta()).isEqualTo(theta);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"rope_scaling":{"type":"linear","factor":4.0},"rope_parameters":{"rope_type":"linear","factor":2.0}} | Linear[factor=4.0]
            {"rope_scaling":{},"rope_parameters":{"rope_type":"linear","factor":2.0}}                            | Linear[factor=2.0]
            {"rope_scaling":{"rope_type":"linear","type":"dynamic","factor":2.0}}                                | Linear[factor=2.0]
            {"partial_rotary_factor":0.5,"rope_parameters":{"rope_type":"default","partial_rotary_factor":1.0}}  | None[]
            """)
    void takesTheScalingThatTransformersTakes(String given, String scaling) {
        assertThat(read("Llama", given).rope().scaling()).hasToString(scaling);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"original_max_position_embeddings":128,"rope_scaling":{"type":"yarn","factor":4.0}}                                        | 128
            {"original_max_position_embeddings":128,"rope_scaling":{"type":"yarn","factor":4.0,"original_max_position_embeddings":256}} | 128
            {"rope_scaling":{"type":"yarn","factor":4.0,"original_max_position_embeddings":256}}                                        | 256
            {"rope_scaling":{"type":"yarn","factor":4.0}}                                                                               | 512
            """)
    void takesTheOuterOfTwoOriginalContexts(String given, int context) {
        assertThat(read("Llama", given).rope().scaling())
                .isInstanceOfSatisfying(
                        RopeScaling.Yarn.class,
                        yarn -> assertThat(yarn.originalContext()).isEqualTo(context));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Llama   | {}                                             | 16
            Llama   | {"num_key_value_heads":null}                   | 16
            Mistral | {}                                             | 8
            Mistral | {"num_key_value_heads":2}                      | 2
            Qwen2   | {"num_attention_heads":64,"hidden_size":256}   | 32
            Qwen3   | {"num_key_value_heads":null}                   | 16
            """)
    void fillsInKeyValueHeadsAsTheFamilyDoes(String family, String given, int heads) {
        assertThat(read(family, given).keyValueHeads()).isEqualTo(heads);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Mistral | {}                                                                              | [4096, 4096]
            Mistral | {"sliding_window":null}                                                         | [0, 0]
            Llama   | {"sliding_window":7}                                                            | [0, 0]
            Qwen2   | {"sliding_window":7,"max_window_layers":0}                                      | [0, 0]
            Qwen2   | {"use_sliding_window":true,"sliding_window":7,"max_window_layers":1}            | [0, 7]
            Qwen2   | {"use_sliding_window":true,"sliding_window":null,"max_window_layers":0}         | [0, 0]
            Qwen3   | {"use_sliding_window":true,"sliding_window":7,"max_window_layers":2,"layer_types":["sliding_attention","full_attention"]} | [7, 0]
            """)
    void readsSlidingWindows(String family, String given, String windows) {
        assertThat(read(family, "{\"num_key_value_heads\":4}", given).windows()).hasToString(windows);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Qwen2   | {"num_key_value_heads":4,"layer_types":["sliding_attention","full_attention"]} | layer_types name sliding_attention
            Qwen2   | {"num_key_value_heads":4,"layer_types":["full_attention"]}                     | 2 layers and 1 layer_types
            Qwen3   | {"num_key_value_heads":4,"layer_types":["linear","full_attention"]}            | attention of its layer 0 is 'linear'
            Mistral | {"sliding_window":0}                                                           | sliding_window is 0
            Llama   | {"rope_parameters":{"rope_type":"default","rope_theta":null}}                  | rope_theta is null
            Llama   | {"rope_theta":"big"}                                                           | rope_theta is "big"
            Llama   | {"rope_parameters":{"full_attention":{"rope_theta":1e6}}}                      | differ from layer to layer
            Llama   | {"partial_rotary_factor":0.5}                                                  | rotates only a part
            Llama   | {"rope_scaling":{"type":"su","factor":2}}                                      | its rope_scaling is 'su'
            Llama   | {"model_type":"mistral"}                                                       | its model_type is 'mistral'
            Llama   | {"quantization_config":{"quant_method":"gptq","bits":4}}                       | quantised by 'gptq'
            Llama   | {"quantization_config":{"quant_method":"compressed-tensors","format":"pack-quantized"}} | in the format 'pack-quantized'
            """)
    void refusesByNameWhatContradictsItself(String family, String given, String reason) {
        assertThatExceptionOfType(ProductException.class)
                .isThrownBy(() -> read(family, given))
                .withMessageContaining(reason);
    }

    private static ModelConfig read(String family, String... given) {
        ObjectNode config = JSON.createObjectNode()
                .put("vocab_size", 100)
                .put("hidden_size", 64)
                .put("intermediate_size", 128)
                .put("num_hidden_layers", 2)
                .put("num_attention_heads", 16)
                .put("max_position_embeddings", 512);
        config.putArray("architectures").add(family + "ForCausalLM");
        config.put("model_type", family.toLowerCase(Locale.ROOT));
        try {
            for (String more : given) {
                config.setAll((ObjectNode) JSON.readTree(more));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
        return ModelConfigReader.read(config);
    }
}
