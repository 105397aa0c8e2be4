package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.job.OverLength;
import io.lorica.contracts.job.RowPolicy;

/// Makes rows fit the sequence length, and says which of their tokens are learned.
///
/// @param policy what becomes of rows that are too long
/// @param region the messages that are learned: with `FULL`, the prompt too
/// @param maxLength how many tokens a sequence may have
record RowFitting(OverLength policy, LossRegion region, int maxLength) {

    // A prompt that leaves less room than this share would be repeated for next to nothing.
    private static final int SMALLEST_SHARE = 8;
    // The share of a later piece that repeats what stands before it, so that it does not begin out of nowhere.
    private static final int REPEATED_SHARE = 4;

    static RowFitting of(RowPolicy rows, int maxLength) {
        return new RowFitting(rows.overLength(), rows.trainOn(), maxLength);
    }

    FittedRow fit(EncodedRow row) {
        if (row.length() <= maxLength) {
            return new FittedRow(
                    row.line(), FittedRow.Fate.WHOLE, List.of(beginning(row, row.tokens(), row.answerStart())));
        }
        return switch (policy) {
            case DROP -> nothing(row, FittedRow.Fate.LEFT_OUT);
            case RAISE -> nothing(row, FittedRow.Fate.REFUSED);
            case TRUNCATE -> cut(row);
            case SPLIT -> split(row);
        };
    }

    private FittedRow cut(EncodedRow row) {
        // An end of sequence right behind a prompt would teach the model to say nothing.
        if (row.prompt().length >= maxLength - 1) {
            return nothing(row, FittedRow.Fate.PROMPT_TOO_LONG);
        }
        int answerStart = Math.min(row.answerStart(), maxLength - 1);
        TokenizedExample example = beginning(row, row.tokensUpTo(maxLength), answerStart);
        return new FittedRow(row.line(), FittedRow.Fate.CUT, List.of(example));
    }

    /// Pieces that stand behind the row's prompt each, and together hold every other token of the row once to be
    /// learned. A piece after the first repeats the end of the one before it, which is not learned again: the model
    /// would else learn to go on from the prompt with the middle of a thought.
    private FittedRow split(EncodedRow row) {
        int prompt = row.prompt().length;
        int room = maxLength - prompt;
        if (room < Math.max(2, maxLength / SMALLEST_SHARE)) {
            return nothing(row, FittedRow.Fate.PROMPT_TOO_LONG);
        }
        int[] tokens = row.tokens();
        int repeated = Math.max(1, room / REPEATED_SHARE);
        List<TokenizedExample> pieces = new ArrayList<>();
        pieces.add(beginning(row, Arrays.copyOf(tokens, maxLength), Math.min(row.answerStart(), maxLength)));
        for (int learned = maxLength; learned < tokens.length; learned += room - repeated) {
            pieces.add(piece(row, tokens, learned - repeated, room, prompt + repeated));
        }
        return new FittedRow(row.line(), FittedRow.Fate.SPLIT, List.copyOf(pieces));
    }

    /// The prompt and, behind it, the tokens from a place on.
    private static TokenizedExample piece(EncodedRow row, int[] tokens, int from, int room, int learnedFrom) {
        int prompt = row.prompt().length;
        int length = Math.min(room, tokens.length - from);
        int[] piece = Arrays.copyOf(tokens, prompt + length);
        System.arraycopy(tokens, from, piece, prompt, length);
        int answerStart = Math.clamp((long) prompt + row.answerStart() - from, prompt, piece.length);
        return new TokenizedExample(row.line(), piece, prompt, answerStart, Math.max(1, learnedFrom));
    }

    private TokenizedExample beginning(EncodedRow row, int[] tokens, int answerStart) {
        int prompt = row.prompt().length;
        int learnedFrom = region == LossRegion.FULL ? 1 : Math.max(1, prompt);
        return new TokenizedExample(row.line(), tokens, prompt, answerStart, learnedFrom);
    }

    private static FittedRow nothing(EncodedRow row, FittedRow.Fate fate) {
        return new FittedRow(row.line(), fate, List.of());
    }
}
