package io.iotflow.server.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.command.CommandEvent.Word;
import io.iotflow.server.core.CommandLimits;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.DeviceEvent;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What a device says of a command, read from wherever it says it. Hostile until read.
final class DeviceWord {
    static final Map<String, Word> WORDS = Map.ofEntries(
            Map.entry("received", Word.RECEIVED), Map.entry("delivered", Word.RECEIVED),
            Map.entry("acknowledged", Word.ACKNOWLEDGED), Map.entry("accepted", Word.ACKNOWLEDGED),
            Map.entry("running", Word.ACKNOWLEDGED), Map.entry("in_progress", Word.ACKNOWLEDGED),
            Map.entry("success", Word.SUCCESS), Map.entry("succeeded", Word.SUCCESS),
            Map.entry("completed", Word.SUCCESS), Map.entry("ok", Word.SUCCESS),
            Map.entry("error", Word.ERROR), Map.entry("failed", Word.ERROR), Map.entry("rejected", Word.ERROR));
    private static final String RESULT = "/result";

    private DeviceWord() {}

    /// Empty for what says nothing of a command.
    static Optional<CommandWorker.Report> in(DeviceEvent event) {
        return switch (event) {
            case DeviceEvent.ResultReceived(var device, var micros, var command, var text) ->
                    report(device, micros, id(command), text, "", "result_topic");
            case DeviceEvent.StatusReceived(var device, var micros, var word, var text)
                    when text.contains("\"command_id\"") ->
                    report(device, micros, id(read(text).path("command_id").asText()), text, word, "status_topic");
            case DeviceEvent.StatusReceived _, DeviceEvent.TelemetryReceived _, DeviceEvent.HeartbeatReceived _,
                    DeviceEvent.ErrorReceived _, DeviceEvent.ShadowReceived _,
                    DeviceEvent.FirmwareReceived _ -> Optional.empty();
        };
    }

    private static Optional<CommandWorker.Report> report(DeviceId device, long micros, Optional<UUID> id, String text,
            String topicWord, String by) {
        return id.map(command -> {
            var said = read(text);
            var status = said.path("status").isTextual() ? said.path("status").textValue() : topicWord;
            // Without a word that is known it is a sign of life, and no result.
            var word = WORDS.getOrDefault(status, Word.ACKNOWLEDGED);
            return new CommandWorker.Report(command, Optional.of(device),
                    new CommandEvent.Answered(word, content(said, by)), Timestamps.ofMicros(micros));
        });
    }

    static Optional<UUID> id(String text) {
        if (text.length() != 36) return Optional.empty();
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static JsonNode read(String text) {
        try {
            return Json.mapper().readTree(text);
        } catch (JsonProcessingException _) {
            return Json.mapper().createObjectNode().put("text", text);
        }
    }

    /// As it is kept: all of it if it is not too long, else its message alone.
    static ObjectNode content(JsonNode said, String by) {
        var content = Json.mapper().createObjectNode().put("by", by);
        var result = said instanceof ObjectNode object ? object : Json.mapper().createObjectNode().set("value", said);
        if (result.toString().length() <= CommandLimits.COMMAND_RESULT_CHARACTERS && StorableText.accepts(result)) {
            content.set("result", result);
            return content;
        }
        var cut = content.putObject("result").put("is_cut", true);
        for (var field : new String[] {"status", "message", "error"}) {
            var text = said.path(field).asText();
            if (!text.isEmpty() && StorableText.accepts(text)) cut.put(field, shortened(text));
        }
        return content;
    }

    private static String shortened(String text) {
        var most = CommandLimits.COMMAND_RESULT_CHARACTERS / 8;
        if (text.length() <= most) return text;
        return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
    }
}
