package io.iotflow.server.language;

import io.iotflow.server.language.Scope.Variable;
import java.util.ArrayList;
import java.util.List;
import org.mozilla.javascript.Token;
import org.mozilla.javascript.ast.Assignment;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.Block;
import org.mozilla.javascript.ast.EmptyStatement;
import org.mozilla.javascript.ast.ExpressionStatement;
import org.mozilla.javascript.ast.FunctionNode;
import org.mozilla.javascript.ast.IfStatement;
import org.mozilla.javascript.ast.Name;
import org.mozilla.javascript.ast.ParenthesizedExpression;
import org.mozilla.javascript.ast.ReturnStatement;
import org.mozilla.javascript.ast.VariableDeclaration;

/// Compiles statements. Each becomes code that goes on with what follows it, so that a `return` is simply its value.
final class Statements {
    /// Where a program or function ends without an answer.
    private static final Code END = new Code.Constant(Values.UNDEFINED);

    private final Compiler compiler;
    /// Whether the value of the last expression is the answer: of a program, but not of a function.
    private boolean answersWithLast = true;

    Statements(Compiler compiler) {
        this.compiler = compiler;
    }

    Code program(List<AstNode> statements) {
        return block(statements, END);
    }

    /// @param rest what follows the block
    private Code block(List<AstNode> statements, Code rest) {
        for (var statement : statements) {
            if (statement instanceof VariableDeclaration declaration) announce(declaration);
        }
        return from(statements.stream().filter(each -> !(each instanceof EmptyStatement)).toList(), 0, rest);
    }

    private Code inner(AstNode statement, Code rest) {
        compiler.enter();
        try {
            return block(parts(statement), rest);
        } finally {
            compiler.leave();
        }
    }

    private static List<AstNode> parts(AstNode statement) {
        if (!isBlock(statement)) return List.of(statement);
        var parts = new ArrayList<AstNode>();
        for (var part : statement) parts.add((AstNode) part);
        return parts;
    }

    private static boolean isBlock(AstNode statement) {
        return statement instanceof Block
                || statement.getClass() == org.mozilla.javascript.ast.Scope.class;
    }

    private Code from(List<AstNode> statements, int index, Code rest) {
        if (index == statements.size()) return rest;
        var statement = statements.get(index);
        if (!compiler.count(statement)) return Compiler.NOTHING;
        return switch (statement) {
            case ReturnStatement result -> {
                var code = result.getReturnValue() == null ? Compiler.NOTHING
                        : compiler.expression(result.getReturnValue());
                if (index + 1 < statements.size()) {
                    compiler.refuse(statements.get(index + 1), "Nothing after return is reached.", "Remove it.");
                }
                yield code;
            }
            case VariableDeclaration declaration -> declaration(declaration, 0, statements, index, rest);
            case IfStatement choice -> choice(choice, statements, index, rest);
            case ExpressionStatement expression -> {
                var code = compiler.expression(expression.getExpression());
                var following = from(statements, index + 1, rest);
                if (code instanceof Variables.Assign && following != END) {
                    yield new Variables.Then(code, following);
                }
                if (following == END && (answersWithLast || code instanceof Variables.Assign)) yield code;
                yield compiler.refuse(expression, "This value is not used.", answersWithLast
                        ? "Return it, or keep it with const." : "Write return before it.");
            }
            default -> {
                if (isBlock(statement)) {
                    var following = new Variables.Rest();
                    var code = inner(statement, following);
                    following.is(from(statements, index + 1, rest));
                    yield code;
                }
                compiler.refuse(statement);
                yield from(statements, index + 1, rest);
            }
        };
    }

    private Code choice(IfStatement choice, List<AstNode> statements, int index, Code rest) {
        var condition = compiler.expression(choice.getCondition());
        var isLast = index + 1 == statements.size();
        var following = isLast ? null : new Variables.Rest();
        var after = isLast ? rest : following;
        var then = inner(choice.getThenPart(), after);
        var otherwise = choice.getElsePart() == null ? after : inner(choice.getElsePart(), after);
        if (!isLast) following.is(from(statements, index + 1, rest));
        return new Operators.Choice(condition, then, otherwise);
    }

    private void announce(VariableDeclaration declaration) {
        for (var variable : declaration.getVariables()) {
            if (variable.getTarget() instanceof Name name) {
                compiler.declare(name, name.getIdentifier(), declaration.isConst());
            }
        }
    }

    private Code declaration(VariableDeclaration declaration, int which, List<AstNode> statements, int index,
                             Code rest) {
        if (declaration.isVar()) {
            compiler.refuse(declaration, "var is not part of the language.", "Write const, or let if it changes.");
        }
        var variables = declaration.getVariables();
        if (which == variables.size()) return from(statements, index + 1, rest);
        var each = variables.get(which);
        if (!(each.getTarget() instanceof Name name)) {
            compiler.refuse(each, "Parts cannot be taken out of an object or array this way.",
                    "Name one after the other: const a = x.a;");
            return declaration(declaration, which + 1, statements, index, rest);
        }
        var initial = each.getInitializer() == null ? Compiler.NOTHING : compiler.expression(each.getInitializer());
        if (each.getInitializer() == null && declaration.isConst()) {
            compiler.refuse(each, "This const has no value.", "Write const " + name.getIdentifier() + " = …;");
        }
        var variable = compiler.scope().own(name.getIdentifier());
        if (variable == null) return Compiler.NOTHING;
        if (declaration.isConst()) variable.kind = initial.kind;
        variable.isReady = true;
        return new Variables.Declare(variable.slot, initial,
                declaration(declaration, which + 1, statements, index, rest));
    }

    Code assignment(Assignment assignment) {
        var target = assignment.getLeft();
        while (target instanceof ParenthesizedExpression inner) target = inner.getExpression();
        var variable = target instanceof Name name ? compiler.scope().find(name.getIdentifier()) : null;
        var operator = operator(assignment.getOperator());
        if (variable != null && operator == Token.ERROR) {
            return compiler.refuse(assignment, "This operator is not part of the language.",
                    "Write it out, as in x = x ?? 1.");
        }
        if (variable == null) {
            compiler.expression(assignment.getRight());
            return compiler.refuse(assignment, "Only a variable declared with let can be set.",
                    "To compare, write ===; to keep a value, const name = …;");
        }
        var name = ((Name) target).getIdentifier();
        if (variable.isConstant) {
            return compiler.refuse(assignment, name + " is a const.", "Declare it with let, or write === to compare.");
        }
        if (!variable.isReady) return tooEarly(target, name);
        var right = compiler.expression(assignment.getRight());
        if (operator == Token.ASSIGN) return new Variables.Assign(variable.slot, right);
        var left = new Variables.Read(variable.slot, variable.kind);
        return new Variables.Assign(variable.slot, operator == Token.ADD ? new Operators.Add(left, right)
                : new Operators.Arithmetic(operator, left, right));
    }

    private static int operator(int assignment) {
        return switch (assignment) {
            case Token.ASSIGN -> Token.ASSIGN;
            case Token.ASSIGN_ADD -> Token.ADD;
            case Token.ASSIGN_SUB -> Token.SUB;
            case Token.ASSIGN_MUL -> Token.MUL;
            case Token.ASSIGN_DIV -> Token.DIV;
            case Token.ASSIGN_MOD -> Token.MOD;
            case Token.ASSIGN_EXP -> Token.EXP;
            default -> Token.ERROR;
        };
    }

    Code read(Name name, Variable variable) {
        if (!variable.isReady) return tooEarly(name, name.getIdentifier());
        return new Variables.Read(variable.slot, variable.kind);
    }

    private Code tooEarly(AstNode at, String name) {
        return compiler.refuse(at, name + " is used before it has its value.",
                "Declare it before, or choose another name for one of the two.");
    }

    Arrow arrow(AstNode node, int most, String example) {
        if (!(node instanceof FunctionNode function) || function.getFunctionType() != FunctionNode.ARROW_FUNCTION) {
            compiler.refuse(node, "Here must be a function.", "Write it in place: " + example);
            return null;
        }
        if (function.hasRestParameter() || function.getParams().size() > most || function.getDefaultParams() != null
                || !function.getParams().stream().allMatch(Name.class::isInstance)) {
            compiler.refuse(node, "This function takes up to " + most + " plain names.", "Write " + example);
            return null;
        }
        var before = compiler.nodes();
        var outside = answersWithLast;
        compiler.enter();
        try {
            answersWithLast = false;
            var slots = new ArrayList<Integer>();
            for (var parameter : function.getParams()) {
                var variable = compiler.declare(parameter, ((Name) parameter).getIdentifier(), true);
                variable.isReady = true;
                slots.add(variable.slot);
            }
            var body = function.getBody();
            var code = isBlock(body) ? bodyOf(body) : compiler.expression(body);
            return new Arrow(slots.stream().mapToInt(slot -> slot).toArray(), code,
                    Math.max(1, compiler.nodes() - before));
        } finally {
            answersWithLast = outside;
            compiler.leave();
        }
    }

    /// Rhino writes `x => x + 1` as a block with a return.
    private Code bodyOf(AstNode body) {
        return block(parts(body), END);
    }
}
