package io.iotflow.server.core;

/// How near one word is to another, to find what somebody may have meant.
public final class Spelling {

    private Spelling() {}

    /// Levenshtein's: how many letters to change, add or leave out; another case of a letter counts a half.
    public static double distance(String one, String other) {
        var row = new double[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) row[j] = j;
        for (int i = 1; i <= one.length(); i++) {
            var diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                var above = row[j];
                row[j] = Math.min(Math.min(above, row[j - 1]) + 1,
                        diagonal + change(one.charAt(i - 1), other.charAt(j - 1)));
                diagonal = above;
            }
        }
        return row[other.length()];
    }

    private static double change(char one, char other) {
        if (one == other) return 0;
        return Character.toLowerCase(one) == Character.toLowerCase(other) ? 0.5 : 1;
    }
}
