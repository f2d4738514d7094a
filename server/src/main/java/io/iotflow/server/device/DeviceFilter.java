package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.language.EvaluationException;
import io.iotflow.server.language.Expression;
import io.iotflow.server.language.ExpressionException;
import io.iotflow.server.language.Surroundings;
import io.iotflow.server.language.Vocabulary;
import io.iotflow.server.language.WindowStatistics;
import java.util.Objects;

/// Some devices, by an expression over `device`, `metadata` and `tags`: the one language for lists, groups, batches,
/// rollouts and scopes of rules.
public record DeviceFilter(Expression expression) {
    public DeviceFilter {
        Objects.requireNonNull(expression, "expression");
    }

    /// @param field whose text this is, for the refusal
    /// @throws PlatformException `INVALID`, with all mistakes and their places
    public static DeviceFilter parse(String field, String text) {
        if (!StorableText.accepts(text)) {
            throw PlatformException.invalid(field, "must not have the character 0 or broken Unicode");
        }
        try {
            return new DeviceFilter(Expression.compile(text, Vocabulary.device()));
        } catch (ExpressionException e) {
            var errors = e.mistakes().stream().map(mistake -> mistake.in(field)).toList();
            throw new PlatformException(ErrorCode.INVALID, field + ": " + errors.getFirst().detail(), errors);
        }
    }

    public String text() {
        return expression.source();
    }

    /// A filter that fails, because it asks for what a device does not have, lets nothing through.
    public boolean accepts(DeviceFacts facts) {
        try {
            return expression.truth(new Filtered(facts));
        } catch (EvaluationException _) {
            return false;
        }
    }

    /// Those that have a tag with this value, which is a text.
    public static DeviceFilter tag(String key, String value) {
        return parse("tag", "tags[" + TextNode.valueOf(key) + "] === " + TextNode.valueOf(value));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DeviceFilter filter && filter.text().equals(text());
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }

    /// All that a filter may see.
    private record Filtered(DeviceFacts facts) implements Surroundings {
        @Override
        public Object device(String field) {
            return facts.field(field);
        }

        @Override
        public JsonNode metadata() {
            return facts.metadata();
        }

        @Override
        public Object local(String name) {
            if (name.equals("tags")) return facts.tags();
            throw refused();
        }

        @Override
        public double number(int input) {
            throw refused();
        }

        @Override
        public Object value(int input) {
            throw refused();
        }

        @Override
        public WindowStatistics window(int input) {
            throw refused();
        }

        @Override
        public Object current() {
            throw refused();
        }

        @Override
        public double currentNumber() {
            throw refused();
        }

        @Override
        public long timeMicros() {
            throw refused();
        }

        @Override
        public JsonNode shadow() {
            throw refused();
        }

        @Override
        public boolean inside(String geofence) {
            throw refused();
        }

        private static IllegalStateException refused() {
            return new IllegalStateException("BUG: a filter that sees more than the device");
        }
    }
}
