package io.lorica.inference.engine;

import java.util.Optional;

import io.lorica.llm.generate.LanguageModel;
import io.lorica.llm.generate.LoadedAdapter;

/// Which adapter of a base model is asked for alone, and whether it is merged into the weights. Confined
/// to the engine's thread, so that weights only ever change between two tokens.
final class HotAdapter {

    private final LanguageModel model;
    private final int mergeAfter;
    private Optional<String> last = Optional.empty();
    private int inARow;
    private boolean merged;

    /// @param mergeAfter how many requests in a row make an adapter hot; 0 for none ever
    HotAdapter(LanguageModel model, int mergeAfter) {
        this.model = model;
        this.mergeAfter = mergeAfter;
    }

    /// The next answer is by this adapter, or by the base; if another is merged, the weights are put back
    /// first.
    void next(Optional<String> digest) {
        if (digest.equals(last)) {
            inARow++;
            return;
        }
        if (merged) {
            model.unmerge();
            merged = false;
        }
        last = digest;
        inARow = 1;
    }

    /// Tells whether this adapter lies in the weights.
    boolean merged(String digest) {
        return merged && last.filter(digest::equals).isPresent();
    }

    /// Merges the adapter of [#next] where it is hot and not merged yet. The caller has made sure that
    /// all answers under way are its own.
    ///
    /// @return whether it was merged now
    boolean merge(LoadedAdapter adapter) {
        if (merged || mergeAfter == 0 || inARow < mergeAfter) {
            return false;
        }
        model.merge(adapter);
        merged = true;
        return true;
    }
}
