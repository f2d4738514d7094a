package io.iotflow.server.language;

import io.iotflow.server.core.Limits;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/// Looks, before anything recursive reads a source, how deep it is nested: brackets within brackets, and chains of
/// operators that lean to the right, such as `a ? b : c ? d : e` or `!!!!a`. Reads it once, from left to right.
final class Nesting {
    private static final Set<String> BEGINS_STATEMENT = Set.of("const", "let", "return", "if", "else");

    private static final Set<String> OPERATORS = Set.of("typeof", "void", "delete", "new", "yield", "await", "async");
    private static final int MOST_OPERATORS = 4 * Limits.EXPRESSION_DEPTH;

    private final String source;
    /// Operators that wait for their right side, of each open bracket and outside all.
    private final Deque<Integer> chains = new ArrayDeque<>();
    /// For each open bracket whether it is a template's `${`.
    private final Deque<Boolean> templates = new ArrayDeque<>();
    private int operators;
    private boolean followsValue;
    private int at;
    private int tooDeepAt = -1;
    private int unopenedAt = -1;

    private Nesting(String source, int from) {
        this.source = source;
        this.at = from;
        chains.push(0);
    }

    Nesting(String source) {
        this(source, 0);
        while (at < source.length() && tooDeepAt < 0) step();
    }

    /// Where the bracket closes that was opened before `from`; -1 if it does not.
    static int endOfPart(String source, int from) {
        var nesting = new Nesting(source, from);
        while (nesting.at < source.length() && nesting.tooDeepAt < 0) {
            var at = nesting.at;
            if (nesting.templates.isEmpty() && source.charAt(at) == '}') return at;
            nesting.step();
        }
        return -1;
    }

    boolean isTooDeep() {
        return tooDeepAt >= 0;
    }

    int position() {
        return tooDeepAt;
    }

    /// Where a bracket closes that was not opened; -1 if none does.
    int unopened() {
        return unopenedAt;
    }

    private void step() {
        var c = source.charAt(at);
        if (Character.isJavaIdentifierPart(c)) {
            followsValue = !word();
            return;
        }
        switch (c) {
            case '\'', '"' -> text(c);
            case '`' -> {
                at++;
                template();
            }
            case '(', '[', '{' -> {
                open(false);
                at++;
            }
            case ')', ']', '}' -> {
                at++;
                close();
            }
            case ';' -> {
                endChain();
                at++;
            }
            case '/' -> slash();
            case '-', '+' -> {
                if (!followsValue) lean();
                at++;
            }
            case '?', '!', '~', '=', '&', '|', '*' -> {
                lean();
                at++;
            }
            default -> at++;
        }
        if (!Character.isWhitespace(c) && c != '/') followsValue = "'\"`)]}".indexOf(c) >= 0;
    }

    /// Whether the word is an operator, or begins a statement.
    private boolean word() {
        var from = at;
        while (at < source.length() && Character.isJavaIdentifierPart(source.charAt(at))) at++;
        var word = source.substring(from, at);
        if (BEGINS_STATEMENT.contains(word)) endChain();
        if (OPERATORS.contains(word)) lean();
        return BEGINS_STATEMENT.contains(word) || OPERATORS.contains(word);
    }

    private void text(char quote) {
        at++;
        while (at < source.length() && source.charAt(at) != quote && source.charAt(at) != '\n') {
            at += source.charAt(at) == '\\' ? 2 : 1;
        }
        at++;
    }

    /// The characters of a template up to its end or its next `${`.
    private void template() {
        while (at < source.length()) {
            var c = source.charAt(at);
            if (c == '`') {
                at++;
                return;
            }
            if (c == '$' && at + 1 < source.length() && source.charAt(at + 1) == '{') {
                at += 2;
                open(true);
                return;
            }
            at += c == '\\' ? 2 : 1;
        }
    }

    private void slash() {
        if (source.startsWith("//", at)) {
            var end = source.indexOf('\n', at);
            at = end < 0 ? source.length() : end;
        } else if (source.startsWith("/*", at)) {
            var end = source.indexOf("*/", at + 2);
            at = end < 0 ? source.length() : end + 2;
        } else {
            at++;
        }
    }

    private void open(boolean inTemplate) {
        templates.push(inTemplate);
        chains.push(0);
        if (templates.size() > Limits.EXPRESSION_DEPTH) tooDeepAt = at;
    }

    private void close() {
        if (templates.isEmpty()) {
            if (unopenedAt < 0) unopenedAt = at - 1;
            return;
        }
        operators -= chains.pop();
        if (templates.pop()) template();
    }

    /// Where only the parser knows which operators lean, all count, hence a limit of its own.
    private void lean() {
        chains.push(chains.pop() + 1);
        if (++operators > MOST_OPERATORS) tooDeepAt = at;
    }

    private void endChain() {
        operators -= chains.pop();
        chains.push(0);
    }
}
