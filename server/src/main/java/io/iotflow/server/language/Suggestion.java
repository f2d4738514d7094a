package io.iotflow.server.language;

import io.iotflow.server.core.Spelling;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

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
                .min(Comparator.<String>comparingDouble(each -> distance(word, each)).thenComparing(each -> each))
                .orElse(null);
    }

    /// In any case.
    private static double distance(String a, String b) {
        return Spelling.distance(a.toLowerCase(Locale.ROOT), b.toLowerCase(Locale.ROOT));
    }
}
