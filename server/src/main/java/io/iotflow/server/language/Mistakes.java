package io.iotflow.server.language;

import io.iotflow.server.language.ExpressionException.Mistake;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Gathers what is wrong with a source. Positions are characters of the whole source, from 0.
final class Mistakes {
    private static final int MOST = 20;

    private final String source;
    private final List<Mistake> found = new ArrayList<>();

    Mistakes(String source) {
        this.source = source;
    }

    void add(int position, String message, String instead) {
        if (found.size() >= MOST) return;
        var at = Math.clamp(position, 0, source.length());
        var line = 1 + (int) source.substring(0, at).chars().filter(c -> c == '\n').count();
        var column = at - source.lastIndexOf('\n', at - 1);
        var mistake = new Mistake(line, column, message, instead);
        if (!found.contains(mistake)) found.add(mistake);
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    void throwIfAny() {
        if (found.isEmpty()) return;
        var sorted = new ArrayList<>(found);
        sorted.sort(Comparator.comparingInt(Mistake::line).thenComparingInt(Mistake::column));
        throw new ExpressionException(sorted);
    }
}
