package io.iotflow.server.language;

import java.util.ArrayList;
import java.util.List;
import org.mozilla.javascript.Token;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.ElementGet;
import org.mozilla.javascript.ast.ExpressionStatement;
import org.mozilla.javascript.ast.FunctionCall;
import org.mozilla.javascript.ast.InfixExpression;
import org.mozilla.javascript.ast.KeywordLiteral;
import org.mozilla.javascript.ast.Name;
import org.mozilla.javascript.ast.NumberLiteral;
import org.mozilla.javascript.ast.ParenthesizedExpression;
import org.mozilla.javascript.ast.PropertyGet;
import org.mozilla.javascript.ast.ReturnStatement;
import org.mozilla.javascript.ast.StringLiteral;
import org.mozilla.javascript.ast.UnaryExpression;

/// Takes the [Outline] of a source that has compiled. It is told of one expression alone: a program may name things.
final class Outliner {
    private static final Outline UNKNOWN = new Outline.Unknown();
    /// Where there is no literal; null is one.
    private static final Object NONE = new Object();

    private Outliner() {}

    static Outline of(String source) {
        var statements = Syntax.parse(source, 0, source.length(), new Mistakes(source));
        if (statements.size() != 1) return UNKNOWN;
        return switch (statements.getFirst()) {
            case ExpressionStatement only -> of(only.getExpression());
            case ReturnStatement only when only.getReturnValue() != null -> of(only.getReturnValue());
            default -> UNKNOWN;
        };
    }

    private static Outline of(AstNode node) {
        return switch (node) {
            case ParenthesizedExpression inner -> of(inner.getExpression());
            case UnaryExpression not when not.getOperator() == Token.NOT -> new Outline.Not(of(not.getOperand()));
            case FunctionCall call -> call(call);
            case PropertyGet _, ElementGet _ -> {
                var path = path(node);
                yield path == null ? UNKNOWN : new Outline.Truth(path);
            }
            case InfixExpression infix -> infix(infix);
            default -> UNKNOWN;
        };
    }

    private static Outline infix(InfixExpression node) {
        var operator = node.getOperator();
        return switch (operator) {
            case Token.AND -> new Outline.And(parts(node));
            case Token.OR -> new Outline.Or(parts(node));
            case Token.SHEQ, Token.EQ -> equality(node, operator == Token.SHEQ);
            case Token.SHNE, Token.NE -> switch (equality(node, operator == Token.SHNE)) {
                case Outline.Unknown unknown -> unknown;
                case Outline other -> new Outline.Not(other);
            };
            case Token.LT, Token.LE, Token.GT, Token.GE -> order(node);
            default -> UNKNOWN;
        };
    }

    /// Chains are long, not deep: `a && b && c` has three parts.
    private static List<Outline> parts(InfixExpression node) {
        var operator = node.getOperator();
        var parts = new ArrayList<Outline>();
        AstNode left = node;
        while (left.getClass() == InfixExpression.class && ((InfixExpression) left).getOperator() == operator) {
            var link = (InfixExpression) left;
            AstNode right = link.getRight();
            var behind = new ArrayList<Outline>();
            while (right.getClass() == InfixExpression.class && ((InfixExpression) right).getOperator() == operator) {
                behind.add(of(((InfixExpression) right).getLeft()));
                right = ((InfixExpression) right).getRight();
            }
            behind.add(of(right));
            parts.addAll(0, behind);
            left = link.getLeft();
        }
        parts.addFirst(of(left));
        return parts;
    }

    private static Outline equality(InfixExpression node, boolean isStrict) {
        var path = path(node.getLeft());
        var literal = literal(path == null ? node.getLeft() : node.getRight());
        if (path == null) path = path(node.getRight());
        if (path == null || literal == NONE) return UNKNOWN;
        if (literal == null || literal == Values.UNDEFINED) return isStrict ? UNKNOWN : new Outline.Nothing(path);
        // A number and a text may be alike; a text that is no number is like nothing but itself.
        var isPlain = isStrict || literal instanceof String text && Double.isNaN(Values.number(text));
        return isPlain ? new Outline.Same(path, literal) : UNKNOWN;
    }

    private static Outline order(InfixExpression node) {
        var path = path(node.getLeft());
        var isTurned = path == null;
        var literal = literal(isTurned ? node.getLeft() : node.getRight());
        if (isTurned) path = path(node.getRight());
        if (path == null || !(literal instanceof Double || literal instanceof String)) return UNKNOWN;
        var order = switch (node.getOperator()) {
            case Token.LT -> isTurned ? Outline.Order.ABOVE : Outline.Order.BELOW;
            case Token.LE -> isTurned ? Outline.Order.AT_LEAST : Outline.Order.AT_MOST;
            case Token.GT -> isTurned ? Outline.Order.BELOW : Outline.Order.ABOVE;
            default -> isTurned ? Outline.Order.AT_MOST : Outline.Order.AT_LEAST;
        };
        return new Outline.Compared(path, order, literal);
    }

    private static Outline call(FunctionCall call) {
        if (call.getClass() != FunctionCall.class || call.getArguments().size() != 1
                || !(call.getTarget() instanceof PropertyGet method)
                || !(call.getArguments().getFirst() instanceof StringLiteral part)) return UNKNOWN;
        var path = path(method.getTarget());
        if (path == null) return UNKNOWN;
        return switch (method.getProperty().getIdentifier()) {
            case "includes" -> new Outline.Includes(path, part.getValue());
            case "startsWith" -> new Outline.Begins(path, part.getValue());
            default -> UNKNOWN;
        };
    }

    /// Null if it is none.
    private static Outline.Path path(AstNode node) {
        if (node instanceof ParenthesizedExpression inner) return path(inner.getExpression());
        var names = Names.path(node);
        if (names.size() < 2) return null;
        // Of the root and its members there is always something; further on there may be nothing.
        return new Outline.Path(names, names.size() > 2);
    }

    private static Object literal(AstNode node) {
        return switch (node) {
            case ParenthesizedExpression inner -> literal(inner.getExpression());
            case StringLiteral text -> text.getValue();
            case NumberLiteral number -> number.getNumber();
            case UnaryExpression minus when minus.getOperator() == Token.NEG
                    && minus.getOperand() instanceof NumberLiteral number -> -number.getNumber();
            case KeywordLiteral word when word.getType() == Token.TRUE -> true;
            case KeywordLiteral word when word.getType() == Token.FALSE -> false;
            case KeywordLiteral word when word.getType() == Token.NULL -> null;
            case KeywordLiteral word when word.getType() == Token.UNDEFINED -> Values.UNDEFINED;
            case Name name when name.getIdentifier().equals("undefined") -> Values.UNDEFINED;
            default -> NONE;
        };
    }
}
