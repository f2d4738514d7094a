package io.iotflow.server.language;

import io.iotflow.server.core.Limits;
import io.iotflow.server.language.Scope.Variable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.mozilla.javascript.Token;
import org.mozilla.javascript.ast.ArrayLiteral;
import org.mozilla.javascript.ast.Assignment;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.ConditionalExpression;
import org.mozilla.javascript.ast.ElementGet;
import org.mozilla.javascript.ast.FunctionCall;
import org.mozilla.javascript.ast.InfixExpression;
import org.mozilla.javascript.ast.KeywordLiteral;
import org.mozilla.javascript.ast.Name;
import org.mozilla.javascript.ast.NewExpression;
import org.mozilla.javascript.ast.NumberLiteral;
import org.mozilla.javascript.ast.ObjectLiteral;
import org.mozilla.javascript.ast.ParenthesizedExpression;
import org.mozilla.javascript.ast.PropertyGet;
import org.mozilla.javascript.ast.StringLiteral;
import org.mozilla.javascript.ast.TemplateLiteral;
import org.mozilla.javascript.ast.UnaryExpression;

/// Turns the parser's tree into [Code], or into mistakes. What it does not know it refuses, so nothing gets in by being
/// forgotten. After a mistake it goes on, to find them all.
final class Compiler {
    static final Code NOTHING = new Code.Constant(Values.UNDEFINED);

    final Vocabulary vocabulary;
    final Inputs inputs;
    final Mistakes mistakes;
    private final String whole;
    private final int offset;
    private final Statements statements = new Statements(this);
    private final Names names;
    private final Calls calls;
    private final Literals literals = new Literals(this);
    private Scope scope = new Scope(null);
    private int nodes;
    private int depth;
    private int slots;
    private boolean readsTime;

    private Compiler(Vocabulary vocabulary, Inputs inputs, Mistakes mistakes, String whole, int offset) {
        this.vocabulary = vocabulary;
        this.inputs = inputs;
        this.mistakes = mistakes;
        this.whole = whole;
        this.offset = offset;
        this.names = new Names(this);
        this.calls = new Calls(this);
    }

    /// @param variables how many slots a frame needs
    record Program(Code code, int variables, boolean readsTime) {}

    /// Compiles the part of a source. Mistakes are gathered; the program is good only if there are none.
    static Program compile(String whole, int from, int to, Vocabulary vocabulary, Inputs inputs, Mistakes mistakes) {
        var parsed = Syntax.parse(whole, from, to, mistakes);
        var compiler = new Compiler(vocabulary, inputs, mistakes, whole, from);
        if (parsed.isEmpty()) {
            if (mistakes.isEmpty()) {
                mistakes.add(from, "There is nothing here.", "Write an expression, such as " + vocabulary.example());
            }
            return new Program(NOTHING, 0, false);
        }
        var code = compiler.statements.program(parsed);
        return new Program(code, compiler.slots, compiler.readsTime);
    }

    Code refuse(AstNode at, String message, String instead) {
        mistakes.add(offset + Syntax.position(at), message, instead);
        return NOTHING;
    }

    Code refuse(AstNode node) {
        var refusal = Refusals.of(node);
        return refuse(node, refusal.message(), refusal.instead());
    }

    /// What stands after a node, blanks left out.
    String sourceAfter(AstNode node) {
        var end = offset + Syntax.position(node) + node.getLength();
        return whole.substring(Math.clamp(end, 0, whole.length())).stripLeading();
    }

    String sourceBefore(AstNode node) {
        return whole.substring(0, Math.clamp(offset + Syntax.position(node), 0, whole.length())).stripTrailing();
    }

    Scope scope() {
        return scope;
    }

    void enter() {
        scope = new Scope(scope);
    }

    void leave() {
        scope = scope.around;
    }

    Variable declare(AstNode at, String name, boolean isConstant) {
        var variable = new Variable(slots++, isConstant);
        if (Vocabulary.isForbidden(name)) refuse(at, name + " cannot be the name of a variable.", "Choose another.");
        if (!scope.add(name, variable)) {
            refuse(at, name + " is declared twice.", "Choose another name for one of them.");
        }
        return variable;
    }

    void readsTime() {
        readsTime = true;
    }

    /// How many parts of syntax there have been; the difference is what a part costs to evaluate.
    int nodes() {
        return nodes;
    }

    /// False, once said, if the source has too many parts.
    boolean count(AstNode node) {
        nodes++;
        if (nodes == Limits.EXPRESSION_NODES + 1) {
            refuse(node, "This has more than " + Limits.EXPRESSION_NODES + " parts.", "Part it into several rules.");
        }
        return nodes <= Limits.EXPRESSION_NODES;
    }

    Code expression(AstNode node) {
        return count(node) ? deeper(node, this::anyExpression) : NOTHING;
    }

    /// Compiles one level deeper, if that is not too deep.
    Code deeper(AstNode node, Function<AstNode, Code> inner) {
        if (depth > Limits.EXPRESSION_DEPTH) {
            return refuse(node, "This is nested more than " + Limits.EXPRESSION_DEPTH + " levels deep.",
                    "Name parts of it with const.");
        }
        depth++;
        try {
            return inner.apply(node);
        } finally {
            depth--;
        }
    }

    private Code anyExpression(AstNode node) {
        return switch (node) {
            case ParenthesizedExpression inner -> expression(inner.getExpression());
            case NumberLiteral number -> new Code.Constant(number.getNumber());
            case StringLiteral text -> new Code.Constant(text.getValue());
            case KeywordLiteral keyword -> literals.keyword(keyword);
            case TemplateLiteral template -> literals.template(template);
            case ArrayLiteral array -> literals.array(array);
            case ObjectLiteral object -> literals.object(object);
            case Name _, PropertyGet _, ElementGet _ -> names.chain(node);
            case NewExpression _ -> refuse(node);
            case FunctionCall _ -> names.chain(node);
            case Assignment assignment -> statements.assignment(assignment);
            case InfixExpression infix -> infix(infix);
            case UnaryExpression unary -> unary(unary);
            case ConditionalExpression choice -> new Operators.Choice(expression(choice.getTestExpression()),
                    expression(choice.getTrueExpression()), expression(choice.getFalseExpression()));
            default -> refuse(node);
        };
    }

    /// A function, or a method if there is a target.
    Code call(FunctionCall call) {
        return calls.call(call);
    }

    Code read(Name name, Variable variable) {
        return statements.read(name, variable);
    }

    Names names() {
        return names;
    }

    List<Code> expressions(List<AstNode> parts) {
        return parts.stream().map(this::expression).toList();
    }

    Arrow arrow(AstNode node, int parameters, String example) {
        return statements.arrow(node, parameters, example);
    }

    /// Chains such as `a + b + c` lean to the left: they are long, not deep, and are not followed by recursion.
    private Code infix(InfixExpression node) {
        Deque<InfixExpression> chain = new ArrayDeque<>();
        chain.push(node);
        var first = node.getLeft();
        while (first.getClass() == InfixExpression.class) {
            if (!count(first)) return NOTHING;
            chain.push((InfixExpression) first);
            first = chain.peek().getLeft();
        }
        var left = expression(first);
        for (var each : chain) left = infix(each, left, expression(each.getRight()));
        return left;
    }

    private Code infix(InfixExpression node, Code left, Code right) {
        var operator = node.getOperator();
        return switch (operator) {
            case Token.ADD -> left.kind.isNumeric() && right.kind.isNumeric()
                    ? new Operators.Arithmetic(operator, left, right) : new Operators.Add(left, right);
            case Token.SUB, Token.MUL, Token.DIV, Token.MOD, Token.EXP, Token.BITAND, Token.BITOR, Token.BITXOR,
                 Token.LSH, Token.RSH, Token.URSH -> new Operators.Arithmetic(operator, left, right);
            case Token.LT, Token.LE, Token.GT, Token.GE -> new Operators.Order(operator, left, right);
            case Token.EQ, Token.NE, Token.SHEQ, Token.SHNE -> new Operators.Equality(operator, left, right);
            case Token.AND, Token.OR, Token.NULLISH_COALESCING -> new Operators.Logic(operator, left, right);
            default -> refuse(node);
        };
    }

    private Code unary(UnaryExpression node) {
        var operator = node.getOperator();
        return switch (operator) {
            case Token.NOT -> new Operators.Not(expression(node.getOperand()));
            case Token.NEG, Token.POS, Token.BITNOT -> {
                var operand = expression(node.getOperand());
                yield operator == Token.NEG && operand instanceof Code.Constant && operand.kind == Kind.NUMBER
                        ? new Code.Constant(-operand.number(null)) : new Operators.Unary(operator, operand);
            }
            case Token.TYPEOF -> new Operators.TypeOf(expression(node.getOperand()));
            default -> refuse(node);
        };
    }
}
