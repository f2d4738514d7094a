package io.iotflow.server.firmware;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.FirmwareLimits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Fields;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a hawkBit client says of an action, in the words of updates:
/// `{"status": {"execution": "closed", "result": {"finished": "success"}, "details": ["…"]}}`. Pure.
final class DdiFeedback {
    private static final Pattern PERCENT = Pattern.compile("([0-9]{1,3})% ");

    private DdiFeedback() {}

    /// @return empty for what says nothing new: that the client has heard of it, or does not stop
    static Optional<UpdateEvent.Reported> of(long update, JsonNode node) {
        if (!StorableText.accepts(node)) {
            throw PlatformException.malformed("Texts must not have the character 0 or broken Unicode.");
        }
        var status = Fields.of("status", Fields.of("", node).required("status"));
        var isFailure = finished(status).equals("failure");
        var execution = status.requiredText("execution", 50).toLowerCase(Locale.ROOT);
        var state = switch (execution) {
            case "closed" -> Optional.of(isFailure ? UpdateState.FAILED : UpdateState.INSTALLED);
            case "rejected" -> Optional.of(UpdateState.FAILED);
            case "download" -> Optional.of(UpdateState.DOWNLOADING);
            case "downloaded" -> Optional.of(UpdateState.DOWNLOADED);
            case "proceeding", "resumed" -> Optional.of(isFailure ? UpdateState.FAILED : UpdateState.DOWNLOADING);
            case "scheduled", "canceled" -> Optional.<UpdateState>empty();
            default -> throw status.refusal("execution", "must be one of canceled, closed, download, downloaded, "
                    + "proceeding, rejected, resumed, scheduled");
        };
        var details = details(status);
        return state.map(it -> new UpdateEvent.Reported(Optional.of(update), it,
                progress(status).or(() -> percent(details)), details, Optional.empty(), Optional.empty()));
    }

    /// Whether an action, or its cancelling, is over.
    static boolean isClosed(JsonNode node) {
        var execution = node.path("status").path("execution").asText().toLowerCase(Locale.ROOT);
        return execution.equals("closed") || execution.equals("canceled");
    }

    private static String finished(Fields status) {
        return status.object("result").flatMap(result -> result.text("finished", 50)).orElse("none")
                .toLowerCase(Locale.ROOT);
    }

    /// `{"cnt": 2, "of": 5}` as percent.
    private static Optional<Integer> progress(Fields status) {
        return status.object("result").flatMap(result -> result.object("progress")).flatMap(progress -> {
            var count = progress.number("cnt").orElse(0.0);
            var of = progress.number("of").orElse(0.0);
            return of > 0 && count >= 0 ? Optional.of((int) Math.min(100, count * 100 / of)) : Optional.empty();
        });
    }

    /// As RAUC's client writes it: `20% Checking bundle`.
    private static Optional<Integer> percent(String details) {
        var matcher = PERCENT.matcher(details);
        return matcher.lookingAt() ? Optional.of(Math.min(100, Integer.parseInt(matcher.group(1)))) : Optional.empty();
    }

    /// As much of it as is kept.
    private static String details(Fields status) {
        var lines = new ArrayList<String>();
        status.find("details").ifPresent(list -> list.forEach(line -> lines.add(line.asText().strip())));
        return StorableText.shortened(String.join("; ", lines), FirmwareLimits.FIRMWARE_DETAIL_CHARACTERS);
    }
}
