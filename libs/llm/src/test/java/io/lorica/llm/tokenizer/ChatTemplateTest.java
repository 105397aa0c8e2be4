package io.lorica.llm.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ChatTemplateTest {

    private static final List<Message> CONVERSATION = List.of(
            Message.of(Role.SYSTEM, "Be brief."),
            Message.of(Role.USER, "2 < 3 & \"why\"?"),
            Message.of(Role.ASSISTANT, "<think>x</think>Yes"),
            Message.of(Role.USER, "Sure?"));

    @TempDir
    private Path directory;

    @Test
    void rendersChatMl() throws IOException {
        // Given: the form that Qwen2 tokenizers carry
        write("{%- if messages[0]['role'] == 'system' %}\n"
                + "    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}\n"
                + "{%- endif %}\n"
                + "{%- for message in messages %}\n"
                + "    {%- if (message.role == \"user\") or (message.role == \"assistant\") %}\n"
                + "        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n"
                + "    {%- endif %}\n"
                + "{%- endfor %}\n"
                + "{%- if add_generation_prompt %}\n"
                + "    {{- '<|im_start|>assistant\\n' }}\n"
                + "{%- endif %}\n");

        // When
        String prompt = ChatTemplate.open(directory).render(CONVERSATION);

        // Then
        assertThat(prompt)
                .isEqualTo("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n2 < 3 & \"why\"?<|im_end|>\n"
                        + "<|im_start|>assistant\n<think>x</think>Yes<|im_end|>\n<|im_start|>user\nSure?<|im_end|>\n"
                        + "<|im_start|>assistant\n");
    }

    @Test
    void rendersATemplateWithNamespaceAndSplit() throws IOException {
        // Given: the constructs of the DeepSeek-R1-Distill tokenizers
        write("{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}"
                + "{% set ns = namespace(is_first=false, system_prompt='') %}"
                + "{%- for message in messages %}{%- if message['role'] == 'system' %}"
                + "{% set ns.system_prompt = message['content'] %}{%- endif %}{%- endfor %}"
                + "{{bos_token}}{{ns.system_prompt}}"
                + "{%- for message in messages %}{%- if message['role'] == 'user' %}"
                + "{{'<U>' + message['content']}}{%- endif %}"
                + "{%- if message['role'] == 'assistant' and message['content'] is not none %}"
                + "{% set content = message['content'] %}{% if '</think>' in content %}"
                + "{% set content = content.split('</think>')[-1] %}{% endif %}"
                + "{{'<A>' + content + eos_token}}{%- endif %}{%- endfor -%}"
                + "{% if add_generation_prompt %}{{'<A><think>\\n'}}{% endif %}");

        // When
        String prompt = ChatTemplate.open(directory).render(CONVERSATION);

        // Then
        assertThat(prompt).isEqualTo("<bos>Be brief.<U>2 < 3 & \"why\"?<A>Yes<eos><U>Sure?<A><think>\n");
    }

    @Test
    void namesAModelWithoutTemplate() throws IOException {
        // Given
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"eos_token\": \"<eos>\"}");

        // When // Then
        assertThatThrownBy(() -> ChatTemplate.open(directory))
                .isInstanceOfSatisfying(
                        ProductException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL));
    }

    private void write(String template) throws IOException {
        Files.writeString(
                directory.resolve("tokenizer_config.json"),
                "{\"bos_token\": {\"content\": \"<bos>\"}, \"eos_token\": \"<eos>\", \"pad_token\": null}");
        Files.writeString(directory.resolve("chat_template.jinja"), template);
    }
}
