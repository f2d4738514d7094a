package io.iotflow.server.language;

import io.iotflow.server.language.Vocabulary.Word;
import io.iotflow.server.language.Vocabulary.Word.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Lists the words of a vocabulary, for editors.
final class Words {
    private static final Map<String, String> VARIABLES = new LinkedHashMap<>();
    private static final Map<String, String> STATISTICS = new LinkedHashMap<>();
    private static final Map<String, String> KEYWORDS = new LinkedHashMap<>();

    static {
        VARIABLES.put("metrics", "The metrics by name: metrics.temperature.value.");
        VARIABLES.put("current", "The value that triggered.");
        VARIABLES.put("value", "The value that is being processed.");
        VARIABLES.put("payload", "The payload as a text.");
        VARIABLES.put("bytes", "The payload as an array of numbers from 0 to 255.");
        VARIABLES.put("topic", "The topic or path that the payload came by.");
        VARIABLES.put("device", "The device, by its fields: device.type.");
        VARIABLES.put("metadata", "The device's metadata.");
        VARIABLES.put("tags", "The device's tags: tags.site.");
        VARIABLES.put("shadow", "The device's shadow.");
        VARIABLES.put("timestamp", "The time, in milliseconds since 1970.");

        STATISTICS.put("value", "The latest value.");
        STATISTICS.put("avg", "The mean over the rule's window.");
        STATISTICS.put("std", "The standard deviation over the rule's window.");
        STATISTICS.put("min", "The smallest value of the rule's window.");
        STATISTICS.put("max", "The largest value of the rule's window.");
        STATISTICS.put("count", "How many values the rule's window has.");

        KEYWORDS.put("const", "Names a value: const high = 30;");
        KEYWORDS.put("let", "Declares a variable that may be set again.");
        KEYWORDS.put("if", "if (condition) { … } else { … }");
        KEYWORDS.put("else", "What is done if the condition is not true.");
        KEYWORDS.put("return", "Ends with an answer.");
        KEYWORDS.put("true", "The truth.");
        KEYWORDS.put("false", "Its opposite.");
        KEYWORDS.put("null", "A value that says there is none.");
        KEYWORDS.put("undefined", "What is not there.");
        KEYWORDS.put("typeof", "The type of a value, as a text.");
    }

    private Words() {}

    static List<Word> of(Vocabulary vocabulary) {
        var words = new ArrayList<Word>();
        VARIABLES.forEach((name, doc) -> {
            if (vocabulary.hasVariable(name)) words.add(new Word(name, Kind.VARIABLE, name, doc));
        });
        for (var field : new TreeSet<>(Vocabulary.DEVICE_FIELDS)) {
            var name = "device." + field;
            words.add(new Word(name, Kind.VARIABLE, name, "The device's " + field + ", as the API tells it."));
        }
        if (vocabulary.hasMetrics()) {
            STATISTICS.forEach((name, doc) -> {
                var signature = "metrics.<name>." + name;
                if (name.equals("value") || vocabulary.window() != null) {
                    words.add(new Word(signature, Kind.VARIABLE, signature, doc));
                }
            });
        }
        for (var function : Functions.all()) {
            if (function.isIn(vocabulary)) {
                words.add(new Word(function.name(), Kind.FUNCTION, function.signature(), function.doc()));
            }
        }
        addMath(words);
        Methods.all().forEach((name, method) ->
                words.add(new Word(name, Kind.METHOD, method.signature(), method.doc())));
        KEYWORDS.forEach((name, doc) -> words.add(new Word(name, Kind.KEYWORD, name, doc)));
        return List.copyOf(words);
    }

    private static void addMath(List<Word> words) {
        for (var name : MathFunctions.names()) {
            var full = "Math." + name;
            var doc = "As in JavaScript.";
            if (MathFunctions.CONSTANTS.containsKey(name)) words.add(new Word(full, Kind.VARIABLE, full, doc));
            else words.add(new Word(full, Kind.FUNCTION, full + MathFunctions.arguments(name), doc));
        }
    }
}
