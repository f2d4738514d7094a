package io.iotflow.server.language;

import io.iotflow.server.core.Limits;
import java.util.ArrayList;
import java.util.List;
import org.mozilla.javascript.CompilerEnvirons;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ErrorReporter;
import org.mozilla.javascript.EvaluatorException;
import org.mozilla.javascript.Parser;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.AstRoot;
import org.mozilla.javascript.ast.FunctionNode;
import org.mozilla.javascript.ast.IdeErrorReporter;

/// Reads a source with Rhino's parser, and nothing else of it. The source is put into a function, so that it may
/// `return`.
final class Syntax {
    private static final String BEGIN = "function f(){";
    private static final String END = "\n}";

    /// Where in the whole source the parsed part begins.
    private final int offset;
    private final String part;
    private final Mistakes mistakes;

    private Syntax(String whole, int from, int to, Mistakes mistakes) {
        this.offset = from;
        this.part = whole.substring(from, to);
        this.mistakes = mistakes;
    }

    /// The statements, none if there is a mistake.
    static List<AstNode> parse(String whole, int from, int to, Mistakes mistakes) {
        return new Syntax(whole, from, to, mistakes).parse();
    }

    /// Where a node stands in the part.
    static int position(AstNode node) {
        return node.getAbsolutePosition() - BEGIN.length();
    }

    private List<AstNode> parse() {
        if (part.length() > Limits.EXPRESSION_CHARACTERS) {
            mistakes.add(offset, "This has " + part.length() + " characters; at most " + Limits.EXPRESSION_CHARACTERS
                    + " are read.", "Part it into several rules.");
            return List.of();
        }
        var nesting = new Nesting(part);
        if (nesting.isTooDeep()) {
            mistakes.add(offset + nesting.position(), "This is nested more than " + Limits.EXPRESSION_DEPTH
                    + " levels deep.", "Name parts of it with const.");
            return List.of();
        }
        if (nesting.unopened() >= 0) {
            mistakes.add(offset + nesting.unopened(), "This " + part.charAt(nesting.unopened())
                    + " closes what was not opened.", "Remove it, or open the bracket before.");
            return List.of();
        }
        try {
            return statements();
        } catch (StackOverflowError tooDeep) {
            mistakes.add(offset, "This is nested too deeply.", "Name parts of it with const.");
            return List.of();
        }
    }

    private List<AstNode> statements() {
        var environment = new CompilerEnvirons();
        environment.setLanguageVersion(Context.VERSION_ECMASCRIPT);
        environment.setRecoverFromErrors(true);
        environment.setIdeMode(true);
        environment.setStrictMode(false);
        environment.setXmlAvailable(false);
        environment.setReservedKeywordAsIdentifier(false);
        var reporter = new Reporter();
        var root = root(new Parser(environment, reporter));
        if (root == null && reporter.isFirst) {
            mistakes.add(offset, "This cannot be read.", "Look for brackets, quotes or comments that do not end.");
        }
        if (root == null || !reporter.isFirst) return List.of(); // its tree may have holes
        var first = root.getFirstChild();
        if (first != root.getLastChild() || !(first instanceof FunctionNode function)
                || function.getPosition() + function.getLength() < BEGIN.length() + part.length() + END.length()) {
            mistakes.add(offset, "This is more than one program.", "Remove the } that has no {.");
            return List.of();
        }
        var statements = new ArrayList<AstNode>();
        for (var statement : function.getBody()) statements.add((AstNode) statement);
        return statements;
    }

    /// Null if the parser fails, as it does on some sources that are no JavaScript.
    private AstRoot root(Parser parser) {
        try {
            return parser.parse(BEGIN + part + END, "expression", 1);
        } catch (RuntimeException failed) {
            return null;
        }
    }

    /// Takes the first fault only, because those that follow it are mostly its consequences.
    private final class Reporter implements IdeErrorReporter, ErrorReporter {
        private boolean isFirst = true;

        @Override
        public void error(String message, String sourceName, int position, int length) {
            if (message.contains("redeclaration") || !isFirst) return; // scopes are ours
            isFirst = false;
            if (isForeign(position - BEGIN.length())) return;
            var at = Math.clamp(position - BEGIN.length(), 0, part.length());
            var end = Math.clamp((long) at + Math.max(1, length), at, part.length());
            var found = part.substring(at, end).strip();
            var shown = found.length() > 20 ? found.substring(0, 20) + "…" : found;
            var what = found.isEmpty() ? "the end" : "\"" + shown + "\"";
            mistakes.add(offset + at, "This cannot be read at " + what + ": " + message + ".",
                    "Complete or correct what stands here.");
        }

        /// Whether a word before this place explains the fault, one of a construct that the language lacks.
        private boolean isForeign(int position) {
            var at = Refusals.Word.before(part, position);
            if (at == null) return false;
            mistakes.add(offset + at.position(), at.refusal().message(), at.refusal().instead());
            return true;
        }

        @Override
        public void warning(String message, String sourceName, int position, int length) {}

        @Override
        public void warning(String message, String sourceName, int line, String lineSource, int column) {}

        @Override
        public void error(String message, String sourceName, int line, String lineSource, int column) {
            error(message, sourceName, BEGIN.length(), 1);
        }

        @Override
        public EvaluatorException runtimeError(String message, String sourceName, int line, String lineSource,
                                               int column) {
            return new EvaluatorException(message, sourceName, line, lineSource, column);
        }
    }
}
