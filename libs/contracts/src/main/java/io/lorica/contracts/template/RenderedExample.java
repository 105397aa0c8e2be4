package io.lorica.contracts.template;

/// A training example as text, cut where the meaning changes.
///
/// @param prompt everything the model is given; ends right after the opening `<think>`
/// @param thinking the chain of thought up to and including `</think>` and the white space behind it
/// @param answer the answer
/// @param terminator the tokenizer's end-of-sequence text, always learned
public record RenderedExample(String prompt, String thinking, String answer, String terminator) {

    /// The whole training text.
    public String text() {
        return prompt + thinking + answer + terminator;
    }
}
