package io.iotflow.server.language;

import java.time.Duration;
import java.util.List;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.ElementGet;
import org.mozilla.javascript.ast.FunctionCall;
import org.mozilla.javascript.ast.Name;
import org.mozilla.javascript.ast.PropertyGet;
import org.mozilla.javascript.ast.StringLiteral;

/// Compiles calls: of functions, of `Math`, and of methods of a value.
final class Calls {
    private final Compiler compiler;
    private final Methods methods;

    Calls(Compiler compiler) {
        this.compiler = compiler;
        this.methods = new Methods(compiler);
    }

    Code call(FunctionCall call) {
        return switch (call.getTarget()) {
            case Name name when !compiler.names().isOptional(call) -> function(call, name.getIdentifier());
            case PropertyGet get when !compiler.names().isOptional(call) -> {
                var isMath = get.getTarget() instanceof Name root && root.getIdentifier().equals("Math")
                        && compiler.scope().find("Math") == null;
                yield isMath ? MathFunctions.call(compiler, call, get.getProperty().getIdentifier())
                        : methods.call(call, get);
            }
            default -> compiler.refuse(call, "Only a function or a method can be called, by its name.",
                    "Write name(…), value.name(…) or value?.name(…).");
        };
    }

    private Code function(FunctionCall call, String name) {
        if (compiler.scope().find(name) != null) {
            return compiler.refuse(call, name + " is a variable here, and cannot be called.",
                    Functions.find(name) == null ? "Leave out the brackets." : "Give the variable another name.");
        }
        var function = Functions.find(name);
        if (function == null) {
            return compiler.refuse(call, "There is no function " + name + ".",
                    Suggestion.among(name, Functions.names(compiler.vocabulary)));
        }
        if (!function.isIn(compiler.vocabulary)) {
            return compiler.refuse(call, name + " cannot be called here.", function.group() == Functions.Group.DECODER
                    ? "Bytes are read by decoders only." : compiler.vocabulary.insteadOf(name));
        }
        var given = call.getArguments().size();
        if (given < function.fewest() || given > function.most()) {
            return compiler.refuse(call, name + " does not take " + given + " arguments.",
                    "Write " + function.signature() + ".");
        }
        return function.maker().make(compiler, call, call.getArguments());
    }

    /// The metric that an argument names: as a name, with dots or as a text.
    static String metric(Compiler compiler, AstNode argument) {
        if (argument instanceof StringLiteral text && !text.getValue().isBlank()) return text.getValue();
        var path = argument instanceof ElementGet || compiler.names().isOptional(argument) ? List.<String>of()
                : Names.path(argument);
        var root = path.isEmpty() ? "" : path.getFirst();
        if (root.equals("metrics")) {
            compiler.refuse(argument, "Here must be the name of a metric.", "Leave out metrics. and what follows it, "
                    + "as in avg(temperature, '5m').");
            return null;
        }
        if (path.isEmpty() || compiler.scope().find(root) != null || compiler.vocabulary.isReserved(root)) {
            compiler.refuse(argument, "Here must be the name of a metric.",
                    "Write it as a name or a text: temperature, door.open or 'inlet-temperature'.");
            return null;
        }
        return String.join(".", path);
    }

    static Duration length(Compiler compiler, AstNode argument, String signature) {
        if (argument instanceof StringLiteral text) {
            var length = WindowLength.parse(text.getValue());
            if (length != null) return length;
            compiler.refuse(argument, "\"" + text.getValue() + "\" is no length of a window.", "Write 500ms, 30s, 5m, "
                    + "24h or 7d, at most " + WindowLength.longest() + ".");
            return null;
        }
        compiler.refuse(argument, "The length of a window must be a text that stands here.", "Write " + signature
                + "; of numbers, the smallest and largest are Math.min(a, b) and Math.max(a, b).");
        return null;
    }
}
