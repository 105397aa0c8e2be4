package io.lorica.llm.model;

import java.util.List;
import java.util.stream.IntStream;

/// Where sequences lie in a batch of tokens: padded at either side, or several in one row. A sequence's positions begin
/// at 0 and it sees nothing but itself. Dimensions: B rows, T positions.
///
/// @param rows B
/// @param width T
/// @param sequences the sequences, which do not overlap
public record SequenceLayout(int rows, int width, List<Sequence> sequences) {

    /// One sequence.
    ///
    /// @param row the row that it lies in
    /// @param start its first position in that row
    /// @param length how many tokens it has
    public record Sequence(int row, int start, int length) {}

    public SequenceLayout {
        sequences = List.copyOf(sequences);
        for (Sequence sequence : sequences) {
            if (sequence.row() < 0
                    || sequence.row() >= rows
                    || sequence.start() < 0
                    || sequence.length() < 0
                    || sequence.start() + sequence.length() > width) {
                throw new IllegalArgumentException(sequence + " lies outside of " + rows + " rows of " + width);
            }
        }
    }

    /// Rows that are one sequence each, padded at their ends if at all.
    public static SequenceLayout whole(int rows, int width) {
        return new SequenceLayout(
                rows,
                width,
                IntStream.range(0, rows)
                        .mapToObj(row -> new Sequence(row, 0, width))
                        .toList());
    }

    /// Whether each row is one sequence that begins with the row. Padding behind it needs no mask, for no position
    /// looks ahead.
    boolean plain() {
        return sequences.stream().allMatch(sequence -> sequence.start() == 0)
                && sequences.stream().mapToInt(Sequence::row).distinct().count() == sequences.size();
    }

    /// How many tokens all sequences have.
    public int tokens() {
        return sequences.stream().mapToInt(Sequence::length).sum();
    }

    /// The length of the longest sequence.
    public int longest() {
        return sequences.stream().mapToInt(Sequence::length).max().orElse(0);
    }

    /// The position of each token within its sequence, row after row; 0 at padding.
    int[] positions() {
        int[] positions = new int[rows * width];
        for (Sequence sequence : sequences) {
            int first = sequence.row() * width + sequence.start();
            for (int i = 0; i < sequence.length(); i++) {
                positions[first + i] = i;
            }
        }
        return positions;
    }

    /// For each token how many tokens up to itself it may see; 1 at padding, so that no row of scores is empty.
    int[] reaches() {
        int[] reaches = positions();
        for (int i = 0; i < reaches.length; i++) {
            reaches[i]++;
        }
        return reaches;
    }
}
