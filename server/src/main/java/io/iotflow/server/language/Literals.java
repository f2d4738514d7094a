package io.iotflow.server.language;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mozilla.javascript.Token;
import org.mozilla.javascript.ast.ArrayLiteral;
import org.mozilla.javascript.ast.AstNode;
import org.mozilla.javascript.ast.KeywordLiteral;
import org.mozilla.javascript.ast.Name;
import org.mozilla.javascript.ast.NumberLiteral;
import org.mozilla.javascript.ast.ObjectLiteral;
import org.mozilla.javascript.ast.ObjectProperty;
import org.mozilla.javascript.ast.StringLiteral;
import org.mozilla.javascript.ast.TemplateCharacters;
import org.mozilla.javascript.ast.TemplateLiteral;

/// Compiles literals.
final class Literals {
    private final Compiler compiler;

    Literals(Compiler compiler) {
        this.compiler = compiler;
    }

    Code keyword(KeywordLiteral node) {
        return switch (node.getType()) {
            case Token.TRUE -> new Code.Constant(true);
            case Token.FALSE -> new Code.Constant(false);
            case Token.UNDEFINED -> Compiler.NOTHING;
            case Token.NULL -> new Code.Constant(null);
            default -> compiler.refuse(node);
        };
    }

    Code template(TemplateLiteral node) {
        var parts = new ArrayList<Code>();
        for (var element : node.getElements()) {
            if (element instanceof TemplateCharacters characters) {
                if (characters.getValue() == null) compiler.refuse(node, "This has a wrong escape.", "Write \\\\.");
                else if (!characters.getValue().isEmpty()) parts.add(new Code.Constant(characters.getValue()));
            } else {
                parts.add(compiler.expression(element));
            }
        }
        return new Text(parts);
    }

    Code array(ArrayLiteral node) {
        for (var element : node.getElements()) {
            if (element.getType() == Token.EMPTY) compiler.refuse(node, "This array has a gap.", "Write undefined.");
        }
        return new Elements(compiler.expressions(node.getElements()));
    }

    Code object(ObjectLiteral node) {
        if (!compiler.vocabulary.makesObjects()) {
            return compiler.refuse(node, "An object cannot be made here.", "Answer with one value.");
        }
        var fields = new LinkedHashMap<String, Code>();
        for (var element : node.getElements()) {
            if (!(element instanceof ObjectProperty property) || property.isMethod()) {
                compiler.refuse(element, "An object is made of names and values only.", "Write {name: value}.");
                continue;
            }
            var name = name(property.getKey());
            if (name == null || Vocabulary.isForbidden(name)) {
                compiler.refuse(element, "This cannot be the name of a field.", "Write {name: value}.");
            } else if (fields.put(name, compiler.expression(value(property))) != null) {
                compiler.refuse(element, name + " is there twice.", "Remove one of them.");
            }
        }
        return new Fields(fields);
    }

    /// `{a}` means `{a: a}`.
    private static AstNode value(ObjectProperty property) {
        return property.getValue() == null ? property.getKey() : property.getValue();
    }

    private static String name(AstNode key) {
        return switch (key) {
            case Name name -> name.getIdentifier();
            case StringLiteral text -> text.getValue();
            case NumberLiteral number -> Values.text(number.getNumber());
            default -> null;
        };
    }

    private static final class Text extends Code {
        private final List<Code> parts;

        Text(List<Code> parts) {
            super(Kind.TEXT);
            this.parts = List.copyOf(parts);
        }

        @Override
        Object value(Frame frame) {
            var text = new StringBuilder();
            for (var part : parts) {
                var next = Values.text(part.value(frame), frame);
                frame.makeText((long) text.length() + next.length());
                text.append(next);
            }
            return text.toString();
        }
    }

    private static final class Elements extends Code {
        private final List<Code> elements;

        Elements(List<Code> elements) {
            super(Kind.ANY);
            this.elements = List.copyOf(elements);
        }

        @Override
        Object value(Frame frame) {
            frame.makeArray(elements.size());
            var array = new ArrayList<Object>(elements.size());
            for (var element : elements) array.add(element.value(frame));
            return array;
        }
    }

    private static final class Fields extends Code {
        private final Map<String, Code> fields;

        Fields(Map<String, Code> fields) {
            super(Kind.ANY);
            this.fields = fields;
        }

        @Override
        Object value(Frame frame) {
            frame.makeArray(fields.size());
            var object = new LinkedHashMap<String, Object>();
            fields.forEach((name, code) -> object.put(name, code.value(frame)));
            return object;
        }
    }
}
