package io.iotflow.server.language;

import java.util.regex.Pattern;
import org.mozilla.javascript.Token;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.BigIntLiteral;
import org.mozilla.javascript.ast.BreakStatement;
import org.mozilla.javascript.ast.ContinueStatement;
import org.mozilla.javascript.ast.FunctionNode;
import org.mozilla.javascript.ast.InfixExpression;
import org.mozilla.javascript.ast.KeywordLiteral;
import org.mozilla.javascript.ast.Loop;
import org.mozilla.javascript.ast.NewExpression;
import org.mozilla.javascript.ast.RegExpLiteral;
import org.mozilla.javascript.ast.Spread;
import org.mozilla.javascript.ast.SwitchStatement;
import org.mozilla.javascript.ast.TaggedTemplateLiteral;
import org.mozilla.javascript.ast.ThrowStatement;
import org.mozilla.javascript.ast.TryStatement;
import org.mozilla.javascript.ast.UnaryExpression;
import org.mozilla.javascript.ast.UpdateExpression;
import org.mozilla.javascript.ast.Yield;

/// What is said of JavaScript that is not part of the language.
record Refusals(String message, String instead) {

    private static final Refusals LOOP = new Refusals("There are no loops.",
            "Use some, every, map, filter or reduce on an array, or a window such as avg(metric, '5m').");
    private static final Refusals FUNCTION = new Refusals("A function can only be passed to an array's method.",
            "Write it in place, as in xs.some(x => x > 1); name values with const.");

    /// A word that Rhino's parser stumbles over, or after, and where it stands.
    record Word(int position, Refusals refusal) {
        private static final Pattern WORDS = Pattern.compile("'(?:[^'\\\\\n]++|\\\\.)*+'|\"(?:[^\"\\\\\n]++|\\\\.)*+\""
                + "|//[^\n]*+|/\\*|\\b(for|while|do|class|async|await|import|export|enum|static)\\b");

        /// The last such word up to a place; null if there is none.
        static Word before(String source, int position) {
            Word last = null;
            var words = WORDS.matcher(source);
            while (words.find() && words.start() <= position + 1) {
                if (words.group(1) != null) last = new Word(words.start(), of(words.group(1)));
            }
            return last;
        }

        private static Refusals of(String word) {
            return switch (word) {
                case "for", "while", "do" -> LOOP;
                case "class" -> new Refusals("There are no classes.", "Name values with const.");
                case "async", "await" -> new Refusals("Nothing can be waited for.", "Leave out " + word + ".");
                default -> new Refusals(word + " is not part of the language.", "Leave it out.");
            };
        }
    }

    static Refusals of(AstNode node) {
        return switch (node) {
            case Loop _, BreakStatement _, ContinueStatement _ -> LOOP;
            case FunctionNode _ -> FUNCTION;
            case NewExpression _ -> new Refusals("Nothing can be made with new.",
                    "Write a literal; for times use timestamp and hoursSince(time).");
            case RegExpLiteral _ -> new Refusals("There are no regular expressions.",
                    "Use includes, startsWith, endsWith or split.");
            case SwitchStatement _ -> new Refusals("There is no switch.", "Use if and else, or ?:.");
            case TryStatement _, ThrowStatement _ -> new Refusals("There are no exceptions.",
                    "Use ?. and ?? where something may be missing.");
            case UpdateExpression _ -> new Refusals("There is no ++ or --.", "Write x += 1.");
            case Spread _ -> new Refusals("Nothing can be spread with ....", "Name the parts one by one.");
            case TaggedTemplateLiteral _ -> new Refusals("A template cannot be tagged.", "Write it without a name.");
            case BigIntLiteral _ -> new Refusals("There are no big integers.", "Leave out the n.");
            case Yield _ -> new Refusals("There are no generators.", "Use map or filter.");
            case KeywordLiteral keyword when keyword.getType() == Token.THIS || keyword.getType() == Token.SUPER ->
                    new Refusals("There is no this.", "Read device, metadata or a metric by its name.");
            case UnaryExpression unary -> switch (unary.getOperator()) {
                case Token.DELPROP -> new Refusals("Nothing can be deleted.", "Leave the field out instead.");
                default -> new Refusals("This operator is not part of the language.", "Leave it out.");
            };
            case InfixExpression infix -> switch (infix.getOperator()) {
                case Token.IN -> new Refusals("There is no operator in.",
                        "Write object.name !== undefined, or array.includes(x).");
                case Token.INSTANCEOF -> new Refusals("There is no instanceof.", "Write typeof x === 'number'.");
                case Token.COMMA -> new Refusals("Values cannot be listed with a comma here.",
                        "Write statements one after the other, with ;.");
                default -> new Refusals("This operator is not part of the language.", "Leave it out.");
            };
            default -> new Refusals("This is not part of the language.",
                    "Use const, let, if, return and expressions.");
        };
    }
}
