/// The small files of a model in Hugging Face's layout: what they say, and which of them counts where they contradict
/// each other, decided as transformers 5 does. One reader for answers, jobs and exports.
@NullMarked
package io.lorica.layout;

import org.jspecify.annotations.NullMarked;
