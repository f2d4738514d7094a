package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Durations;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.PlatformException.FieldError;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import io.iotflow.server.language.Expression;
import io.iotflow.server.language.ExpressionException;
import io.iotflow.server.language.Template;
import io.iotflow.server.language.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/// What editors of rules ask for while somebody writes: the words there are, and what is wrong so far.
public final class EditorRoutes implements Routes {
    private static final Access READ = Access.with(Permission.RULES_READ);
    private static final List<String> SUBJECTS = List.of("expression", "rule", "processing_rule");
    /// What a mistake in a document is. Any other refusal is the call's own.
    private static final Set<ErrorCode> MISTAKES = Set.of(ErrorCode.INVALID, ErrorCode.MALFORMED_REQUEST,
            ErrorCode.TOO_LARGE);

    private final Rules rules;
    private final BiFunction<OrganizationPath, Long, OrganizationPath> organizations;
    private final Function<OrganizationPath, List<String>> metrics;
    private final Consumer<JsonNode> processingRule;

    /// What a text is for.
    enum Purpose {
        RULE, MESSAGE, FILTER, PROCESSING, DECODER;

        private static final Map<String, Purpose> WORDS = Map.of("rule", RULE, "message", MESSAGE, "filter", FILTER,
                "processing", PROCESSING, "decoder", DECODER);

        private Vocabulary vocabulary() {
            return switch (this) {
                case RULE, MESSAGE -> Vocabulary.rule(RuleReader.WINDOW);
                case FILTER -> Vocabulary.device();
                case PROCESSING -> Vocabulary.processing();
                case DECODER -> Vocabulary.decoder();
            };
        }

        /// @throws ExpressionException if the text cannot be used for it
        private void compile(String source) {
            if (this == MESSAGE) Template.compile(source, vocabulary());
            else Expression.compile(source, vocabulary());
        }
    }

    /// @param organizations  the organization of a number, if it is within a scope; the scope itself for null
    /// @param metrics        the names known within a scope
    /// @param processingRule refuses a document that is no processing rule
    public EditorRoutes(Rules rules, BiFunction<OrganizationPath, Long, OrganizationPath> organizations,
            Function<OrganizationPath, List<String>> metrics, Consumer<JsonNode> processingRule) {
        this.rules = rules;
        this.organizations = organizations;
        this.metrics = metrics;
        this.processingRule = processingRule;
    }

    @Override
    public void declare(RouteTable table) {
        table.get("rules/language", READ, this::language);
        table.post("rules/check", READ, this::check);
    }

    private Reply language(Request request) {
        var answer = Json.mapper().createObjectNode();
        var words = answer.putArray("words");
        for (var word : request.query().oneOf("purpose", Purpose.RULE).vocabulary().words()) {
            words.addObject().put("name", word.name()).put("kind", word.kind().name().toLowerCase(Locale.ROOT))
                    .put("signature", word.signature()).put("doc", word.doc());
        }
        metrics.apply(request.scope()).forEach(answer.putArray("metrics")::add);
        answer.putObject("limits").put("expression_characters", Limits.EXPRESSION_CHARACTERS)
                .put("message_characters", Limits.MESSAGE_CHARACTERS).put("rule_bytes", Limits.RULE_BYTES)
                .put("conditions", Limits.RULE_CONDITIONS).put("condition_depth", Limits.RULE_CONDITION_DEPTH)
                .put("longest_window", Durations.text(Limits.RULE_WINDOW));
        return Reply.ok(answer);
    }

    private Reply check(Request request) {
        var body = Fields.of("", request.json());
        var given = SUBJECTS.stream().filter(subject -> body.find(subject).isPresent()).toList();
        var purpose = body.word("purpose", Purpose.WORDS).orElse(Purpose.RULE);
        body.end();
        if (given.size() != 1) {
            throw body.refusal("expression", "or rule or processing_rule: exactly one of them is to be checked");
        }
        var subject = given.getFirst();
        var node = body.required(subject);
        if (subject.equals("expression") && !node.isTextual()) throw body.refusal(subject, "must be text");
        if (!subject.equals("expression") && !node.isObject()) throw body.refusal(subject, "must be an object");
        var answer = Json.mapper().createObjectNode();
        var mistakes = answer.putArray("mistakes");
        for (var mistake : mistakes(request, subject, node, purpose)) write(mistake, mistakes);
        return Reply.ok(answer);
    }

    private List<FieldError> mistakes(Request request, String subject, JsonNode node, Purpose purpose) {
        try {
            switch (subject) {
                case "expression" -> purpose.compile(node.textValue());
                case "rule" -> checkRule(request, node.deepCopy());
                default -> processingRule.accept(node);
            }
            return List.of();
        } catch (ExpressionException e) {
            return e.mistakes().stream().map(mistake -> mistake.in(subject)).toList();
        } catch (PlatformException e) {
            if (!MISTAKES.contains(e.code())) throw e;
            return e.errors().isEmpty() ? List.of(new FieldError("", e.getMessage())) : new ArrayList<>(e.errors());
        }
    }

    private void checkRule(Request request, ObjectNode document) {
        document.remove(RuleRoutes.WRITTEN_BY_US);
        var number = document.remove("organization_id");
        var organization = organizations.apply(request.scope(),
                number == null || !number.isIntegralNumber() ? null : number.longValue());
        rules.check(request.scope(), organization, document);
    }

    private static void write(FieldError mistake, ArrayNode into) {
        var json = into.addObject().put("field", mistake.field());
        mistake.place().ifPresentOrElse(
                place -> json.put("line", place.line()).put("column", place.column()).put("message", place.message())
                        .put("instead", place.instead().isEmpty() ? null : place.instead()),
                () -> json.putNull("line").putNull("column").put("message", mistake.detail()).putNull("instead"));
    }
}
