package io.iotflow.server.language;

import java.util.HashMap;
import java.util.Map;

/// The variables of a block, and of those around it.
final class Scope {
    static final class Variable {
        final int slot;
        final boolean isConstant;
        Kind kind = Kind.ANY;
        /// Whether its declaration has been passed.
        boolean isReady;

        Variable(int slot, boolean isConstant) {
            this.slot = slot;
            this.isConstant = isConstant;
        }
    }

    final Scope around;
    private final Map<String, Variable> variables = new HashMap<>();

    Scope(Scope around) {
        this.around = around;
    }

    /// False if the block has it already.
    boolean add(String name, Variable variable) {
        return variables.putIfAbsent(name, variable) == null;
    }

    Variable own(String name) {
        return variables.get(name);
    }

    Variable find(String name) {
        for (var scope = this; scope != null; scope = scope.around) {
            var variable = scope.variables.get(name);
            if (variable != null) return variable;
        }
        return null;
    }
}
