package io.iotflow.server.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.command.CommandEvent.Way;
import io.iotflow.server.command.CommandEvent.Word;
import io.iotflow.server.core.CommandLimits;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The life of a command. Pure: no clock, no store, no thread. What has ended stays as it ended; what comes after that
/// is kept as a late step.
///
/// @param way      it is going, or has gone
/// @param attempts how often it was sent
/// @param due      when it may be sent, or when the present step has taken too long; nothing once it has ended
/// @param steps    the oldest first; beyond [CommandLimits#COMMAND_STEPS] the end alone is added
record CommandLife(CommandState state, Terms terms, Way way, int attempts, Optional<Instant> due, List<Step> steps) {
    private static final JsonNode NOTHING = JsonNodeFactory.instance.objectNode();

    CommandLife {
        steps = List.copyOf(steps);
    }

    static CommandLife begun(Terms terms, JsonNode proof, Instant at) {
        return new CommandLife(CommandState.QUEUED, terms, Way.NONE, 0, Optional.of(terms.notBefore()),
                List.of(new Step(at, CommandState.QUEUED, false, proof)));
    }

    /// The same object when the event changes nothing.
    CommandLife after(CommandEvent event, Instant at) {
        if (state.isEnded()) return event instanceof CommandEvent.Answered answer ? late(answer, at) : this;
        return switch (event) {
            case CommandEvent.Sent(var by, var proof) -> sent(by, proof, at);
            case CommandEvent.SentUnacknowledged _ -> state != CommandState.SENT ? this
                    : new CommandLife(state, terms, Way.MQTT_UNACKNOWLEDGED, attempts,
                            Optional.of(at.plus(terms.timeout())), steps);
            case CommandEvent.Delivered(var proof) -> delivered(proof, at);
            case CommandEvent.Refused(var proof) ->
                    state == CommandState.SENT ? ended(CommandState.FAILED, proof, at) : this;
            case CommandEvent.Lost(var why) -> state == CommandState.SENT && way != Way.MQTT_UNACKNOWLEDGED
                    ? tryAgain(why, terms.pauseAfter(attempts).toMillis(), at) : this;
            case CommandEvent.Answered answer -> answered(answer, at);
            case CommandEvent.Cancelled(var by, var isCertain) -> state == CommandState.QUEUED
                    || state == CommandState.SENT && isCertain
                    ? ended(CommandState.CANCELLED, said("by", by), at) : this;
            case CommandEvent.TimePassed _ -> timePassed(at);
        };
    }

    boolean isExpired(Instant at) {
        return !at.isBefore(terms.expires());
    }

    /// Whether it may go out at that time.
    boolean isReady(Instant at) {
        return state == CommandState.QUEUED && !isExpired(at) && !at.isBefore(due.orElseThrow());
    }

    /// When time alone changes something next: it ends, or may go out. Nothing once it has ended.
    Optional<Instant> wakesAt(Instant at) {
        return due.map(next -> switch (state) {
            case QUEUED -> at.isBefore(next) && next.isBefore(terms.expires()) ? next : terms.expires();
            case SENT -> way == Way.MQTT_UNACKNOWLEDGED || next.isBefore(terms.expires()) ? next : terms.expires();
            case DELIVERED, ACKNOWLEDGED, SUCCEEDED, FAILED, EXPIRED, CANCELLED -> next;
        });
    }

    private CommandLife sent(Way by, JsonNode proof, Instant at) {
        if (isExpired(at)) return expired(at);
        if (state == CommandState.SENT && way == Way.HTTP && by == Way.HTTP) return fetchedAgain(at);
        return isReady(at) ? new CommandLife(CommandState.SENT, terms, by, attempts + 1,
                Optional.of(at.plus(terms.delivery())), with(at, CommandState.SENT, proof)) : this;
    }

    /// By a device that has not got the answer, or has not confirmed it.
    private CommandLife fetchedAgain(Instant at) {
        if (attempts >= terms.attempts()) return tryAgain("fetched and not confirmed", 0, at);
        return new CommandLife(state, terms, way, attempts + 1, Optional.of(at.plus(terms.delivery())), steps);
    }

    /// Also when it was believed lost meanwhile: the client knows better.
    private CommandLife delivered(JsonNode proof, Instant at) {
        if (attempts == 0 || state.compareTo(CommandState.DELIVERED) >= 0) return this;
        return new CommandLife(CommandState.DELIVERED, terms, way, attempts, Optional.of(at.plus(terms.timeout())),
                with(at, CommandState.DELIVERED, proof));
    }

    /// A device cannot know a command that was never sent.
    private CommandLife answered(CommandEvent.Answered answer, Instant at) {
        if (attempts == 0) return this;
        return switch (answer.word()) {
            case RECEIVED -> delivered(answer.content(), at);
            case ACKNOWLEDGED -> new CommandLife(CommandState.ACKNOWLEDGED, terms, way, attempts,
                    Optional.of(at.plus(terms.timeout())), state == CommandState.ACKNOWLEDGED ? steps
                            : with(at, CommandState.ACKNOWLEDGED, answer.content()));
            case SUCCESS -> ended(CommandState.SUCCEEDED, answer.content(), at);
            case ERROR -> ended(CommandState.FAILED, answer.content(), at);
        };
    }

    private CommandLife late(CommandEvent.Answered answer, Instant at) {
        var isFirst = steps.stream().noneMatch(Step::isLate);
        var isResult = answer.word() == Word.SUCCESS || answer.word() == Word.ERROR;
        var isGivenAgain = state == CommandState.SUCCEEDED || steps.getLast().proof().has("result");
        if (!isFirst || !isResult || isGivenAgain) return this;
        var more = new ArrayList<>(steps);
        more.add(new Step(at, answer.word() == Word.SUCCESS ? CommandState.SUCCEEDED : CommandState.FAILED, true,
                answer.content()));
        return new CommandLife(state, terms, way, attempts, due, more);
    }

    private CommandLife timePassed(Instant at) {
        if (state.compareTo(CommandState.DELIVERED) < 0 && way != Way.MQTT_UNACKNOWLEDGED && isExpired(at)) {
            return expired(at);
        }
        if (at.isBefore(due.orElseThrow())) return this;
        return switch (state) {
            case QUEUED, SUCCEEDED, FAILED, EXPIRED, CANCELLED -> this;
            case SENT -> way == Way.MQTT_UNACKNOWLEDGED
                    ? ended(CommandState.FAILED, said("reason", "no result came in " + terms.timeout().toSeconds()
                            + " s; whether it arrived is not known, since the subscription has QoS 0"), at)
                    : tryAgain("not acknowledged in " + terms.delivery().toSeconds() + " s",
                            way == Way.HTTP ? 0 : terms.pauseAfter(attempts).toMillis(), at);
            case DELIVERED, ACKNOWLEDGED -> ended(CommandState.FAILED,
                    said("reason", "no result came in " + terms.timeout().toSeconds() + " s"), at);
        };
    }

    private CommandLife tryAgain(String why, long pauseMillis, Instant at) {
        if (isExpired(at)) return expired(at);
        if (attempts >= terms.attempts()) {
            return ended(CommandState.FAILED, said("reason", "not delivered in " + attempts + " attempts: " + why), at);
        }
        return new CommandLife(CommandState.QUEUED, terms, way, attempts, Optional.of(at.plusMillis(pauseMillis)),
                with(at, CommandState.QUEUED, said("reason", why)));
    }

    private CommandLife expired(Instant at) {
        return ended(CommandState.EXPIRED, NOTHING, at);
    }

    private CommandLife ended(CommandState end, JsonNode proof, Instant at) {
        var all = new ArrayList<>(steps);
        all.add(new Step(at, end, false, proof));
        return new CommandLife(end, terms, way, attempts, Optional.empty(), all);
    }

    private List<Step> with(Instant at, CommandState next, JsonNode proof) {
        if (steps.size() >= CommandLimits.COMMAND_STEPS) return steps;
        var more = new ArrayList<>(steps);
        more.add(new Step(at, next, false, proof));
        return more;
    }

    private static ObjectNode said(String field, String text) {
        return JsonNodeFactory.instance.objectNode().put(field, text);
    }
}
