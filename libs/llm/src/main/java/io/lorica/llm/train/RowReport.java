package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.train.FittedRow.Fate;

/// Tells the user what became of the examples of a file: a row gives one for each of its messages that is learned.
///
/// @param file `training` or `validation`
/// @param maxLength how many tokens a sequence may have
/// @param rows all examples of the file
record RowReport(String file, int maxLength, List<FittedRow> rows) {

    private static final int LINES_NAMED = 10;

    /// Fails where a row is too long and the job does not allow that.
    ///
    /// @throws ProductException naming the lines
    void refuse(ErrorCode code) {
        if (!of(Fate.REFUSED).isEmpty()) {
            throw ProductException.forParameter(
                    code,
                    file + "_file",
                    share(Fate.REFUSED) + " longer than " + maxLength + " tokens: " + lines(Fate.REFUSED)
                            + ". Shorten them, raise max_seq_length, or choose another over_length.");
        }
    }

    /// One sentence for each thing that happened to rows.
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (!of(Fate.CUT).isEmpty()) {
            warnings.add(share(Fate.CUT) + " longer than " + maxLength
                    + " tokens and were cut; their end-of-sequence token is kept.");
        }
        if (!of(Fate.SPLIT).isEmpty()) {
            int pieces = of(Fate.SPLIT).stream()
                    .mapToInt(row -> row.examples().size())
                    .sum();
            warnings.add(share(Fate.SPLIT) + " longer than " + maxLength + " tokens and became " + pieces
                    + " pieces, each behind its example's prompt.");
        }
        if (!of(Fate.LEFT_OUT).isEmpty()) {
            warnings.add(share(Fate.LEFT_OUT) + " longer than " + maxLength + " tokens and were left out: "
                    + lines(Fate.LEFT_OUT) + ".");
        }
        if (!of(Fate.PROMPT_TOO_LONG).isEmpty()) {
            warnings.add(share(Fate.PROMPT_TOO_LONG) + " left out, for their prompts alone fill the " + maxLength
                    + " tokens of max_seq_length: " + lines(Fate.PROMPT_TOO_LONG) + ".");
        }
        return warnings;
    }

    private List<FittedRow> of(Fate fate) {
        return rows.stream().filter(row -> row.fate() == fate).toList();
    }

    private String share(Fate fate) {
        return of(fate).size() + " of " + rows.size() + " " + file + " examples are";
    }

    private String lines(Fate fate) {
        List<Integer> all = of(fate).stream().map(FittedRow::line).distinct().toList();
        String named = all.stream()
                .limit(LINES_NAMED)
                .map(String::valueOf)
                .collect(Collectors.joining(", ", all.size() == 1 ? "line " : "lines ", ""));
        return all.size() > LINES_NAMED ? named + " and " + (all.size() - LINES_NAMED) + " more" : named;
    }
}
