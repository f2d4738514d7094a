package io.iotflow.server.language;

import io.iotflow.server.core.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The text of a message, with parts `${expression}`: a template string without its backticks.
public final class Template {
    private static final String UNKNOWN = "?";

    /// Either a text, or a program.
    private record Part(String text, Compiler.Program program) {}

    private final String source;
    private final List<Input> inputs;
    private final Set<String> geofences;
    private final List<Part> parts;

    private Template(String source, Inputs inputs, List<Part> parts) {
        this.source = source;
        this.inputs = inputs.all();
        this.geofences = inputs.geofences();
        this.parts = List.copyOf(parts);
    }

    /// @throws ExpressionException with all mistakes found
    public static Template compile(String source, Vocabulary vocabulary) {
        var mistakes = new Mistakes(source);
        var inputs = new Inputs();
        var parts = new ArrayList<Part>();
        if (source.length() > Limits.EXPRESSION_CHARACTERS) {
            mistakes.add(0, "This has " + source.length() + " characters; at most " + Limits.EXPRESSION_CHARACTERS
                    + " are read.", "Say it in fewer words.");
        }
        mistakes.throwIfAny();
        var at = 0;
        while (at < source.length()) {
            var begin = source.indexOf("${", at);
            if (begin < 0) begin = source.length();
            if (begin > at) parts.add(new Part(source.substring(at, begin), null));
            if (begin == source.length()) break;
            var end = Nesting.endOfPart(source, begin + 2);
            if (end < 0) {
                mistakes.add(begin, "This ${ has no }.", "Write } after the expression.");
                break;
            }
            parts.add(new Part(null, Compiler.compile(source, begin + 2, end, vocabulary, inputs, mistakes)));
            at = end + 1;
        }
        mistakes.throwIfAny();
        return new Template(source, inputs, parts);
    }

    public String source() {
        return source;
    }

    /// What its expressions read; see [Expression#inputs].
    public List<Input> inputs() {
        return inputs;
    }

    /// See [Expression#geofences].
    public Set<String> geofences() {
        return geofences;
    }

    /// At most [Limits#MESSAGE_CHARACTERS] characters, the rest is cut. Never fails: a part that cannot be evaluated
    /// is a question mark. All parts together may take as many steps as one expression.
    public String text(Surroundings surroundings) {
        var text = new StringBuilder();
        var spent = 0;
        for (var part : parts) {
            if (part.program == null) {
                text.append(part.text);
            } else {
                var frame = new Frame(surroundings, part.program.variables(), spent);
                text.append(text(part.program.code(), frame));
                spent = frame.spent();
            }
            if (text.length() > Limits.MESSAGE_CHARACTERS) return cut(text);
        }
        return text.toString();
    }

    private static String text(Code code, Frame frame) {
        try {
            return Values.text(code.value(frame), frame);
        } catch (EvaluationException failed) {
            return UNKNOWN;
        }
    }

    private static String cut(StringBuilder text) {
        var end = Limits.MESSAGE_CHARACTERS - 1;
        if (Character.isHighSurrogate(text.charAt(end - 1))) end--;
        text.setLength(end);
        return text.append('…').toString();
    }
}
