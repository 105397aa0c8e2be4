package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/// Puts sequences into as few windows as best-fit decreasing finds, at most 11/9 of the fewest possible (Johnson et
/// al., https://doi.org/10.1137/0203025). How many windows that are depends on the lengths alone; the order in which
/// sequences of equal length are given decides which of them share a window.
final class WindowPacker {

    private WindowPacker() {}

    /// The sequences of each window, by their places in the list of lengths.
    ///
    /// @param lengths how long the sequences are, none longer than a window
    /// @param order all places, in the order in which equals go first
    /// @param capacity how long a window is
    static List<List<Integer>> pack(int[] lengths, int[] order, int capacity) {
        List<List<Integer>> windows = new ArrayList<>();
        TreeMap<Integer, List<List<Integer>>> byRoom = new TreeMap<>();
        Comparator<Integer> longestFirst = Comparator.comparingInt(place -> -lengths[place]);
        for (int place : Arrays.stream(order).boxed().sorted(longestFirst).toList()) {
            Integer tightest = byRoom.ceilingKey(lengths[place]);
            List<Integer> window = tightest == null ? opened(windows) : taken(byRoom, tightest);
            window.add(place);
            int room = (tightest == null ? capacity : tightest) - lengths[place];
            byRoom.computeIfAbsent(room, _ -> new ArrayList<>()).add(window);
        }
        return windows;
    }

    private static List<Integer> opened(List<List<Integer>> windows) {
        windows.add(new ArrayList<>());
        return windows.getLast();
    }

    private static List<Integer> taken(TreeMap<Integer, List<List<Integer>>> byRoom, int room) {
        List<List<Integer>> candidates = byRoom.getOrDefault(room, List.of());
        List<Integer> window = candidates.removeLast();
        if (candidates.isEmpty()) {
            byRoom.remove(room);
        }
        return window;
    }
}
