package io.iotflow.server.language;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;

/// Finds what somebody may have meant.
final class Suggestion {
    private static final int MANY = 12;

    private Suggestion() {}

    /// "Did you mean …?", or what there is to choose from.
    static String among(String word, Collection<String> known) {
        var closest = closest(word, known);
        if (closest != null) return "Did you mean " + closest + "?";
        var sorted = new ArrayList<>(known);
        sorted.sort(Comparator.naturalOrder());
        if (sorted.isEmpty()) return "There are none here.";
        return "There are " + String.join(", ", sorted.subList(0, Math.min(MANY, sorted.size())))
                + (sorted.size() > MANY ? " and others." : ".");
    }

    private static String closest(String word, Collection<String> known) {
        if (word.length() > 40) return null;
        return known.stream().filter(each -> distance(word, each) <= Math.max(1, word.length() / (each.charAt(0)
                        == word.charAt(0) ? 2 : 3)))
                .min(Comparator.<String>comparingInt(each -> distance(word, each)).thenComparing(each -> each))
                .orElse(null);
    }

    private static int distance(String a, String b) {
        var row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            var diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                var above = row[j];
                var same = Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
                row[j] = Math.min(Math.min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
