package io.iotflow.server.language;

import java.util.List;

/// What an expression says, as far as it is put together from plain comparisons: for whoever can ask a database, which
/// is quicker, before the expression is asked. Everything else is [Unknown].
///
/// Where evaluating throws, an outline says nothing.
public sealed interface Outline {
    /// Something that only the expression itself can tell.
    record Unknown() implements Outline {}

    /// Two or more.
    record And(List<Outline> parts) implements Outline {
        public And {
            parts = List.copyOf(parts);
        }
    }

    /// Two or more.
    record Or(List<Outline> parts) implements Outline {
        public Or {
            parts = List.copyOf(parts);
        }
    }

    record Not(Outline part) implements Outline {}

    /// Whether what stands there is true in JavaScript's sense.
    record Truth(Path path) implements Outline {}

    /// `===`; a `==` that means the same is one, too.
    ///
    /// @param literal `Double`, `String` or `Boolean`
    record Same(Path path, Object literal) implements Outline {}

    /// `path == null`: there is nothing, or null.
    record Nothing(Path path) implements Outline {}

    enum Order { BELOW, AT_MOST, ABOVE, AT_LEAST }

    /// @param literal `Double` or `String`
    record Compared(Path path, Order order, Object literal) implements Outline {}

    /// `path.includes('part')`
    record Includes(Path path, String part) implements Outline {}

    /// `path.startsWith('part')`
    record Begins(Path path, String part) implements Outline {}

    /// Names from one of the vocabulary's on, two at least: `metadata.site.floor`.
    ///
    /// @param throwsIfMissing whether reading throws where something on the way is missing
    record Path(List<String> names, boolean throwsIfMissing) {
        public Path {
            names = List.copyOf(names);
        }

        public String root() {
            return names.getFirst();
        }

        /// Those after the root.
        public List<String> rest() {
            return names.subList(1, names.size());
        }
    }
}
