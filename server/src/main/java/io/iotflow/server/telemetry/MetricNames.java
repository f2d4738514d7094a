package io.iotflow.server.telemetry;

import io.questdb.cairo.sql.RecordCursor;
import io.questdb.cairo.sql.SymbolTable;
import java.util.Arrays;
import java.util.Set;

/// Turns the numbers of a table's metrics into names, each looked up once, and leaves out those not asked for.
final class MetricNames {
    private static final String UNWANTED = new String("unwanted");

    private final SymbolTable symbols;
    private final Set<String> wanted;
    private String[] names = new String[64];

    /// @param wanted empty = all
    MetricNames(RecordCursor cursor, int column, Set<String> wanted) {
        this.symbols = cursor.getSymbolTable(column);
        this.wanted = wanted;
    }

    /// The name, or null when the metric is not wanted.
    @SuppressWarnings("StringEquality")
    String name(int key) {
        if (key >= names.length) names = Arrays.copyOf(names, Math.max(key + 1, names.length * 2));
        var name = names[key];
        if (name == null) names[key] = name = look(key);
        return name == UNWANTED ? null : name;
    }

    private String look(int key) {
        var name = symbols.valueOf(key).toString();
        return wanted.isEmpty() || wanted.contains(name) ? name : UNWANTED;
    }
}
