package io.iotflow.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.command.CommandEvent.Answered;
import io.iotflow.server.command.CommandEvent.Cancelled;
import io.iotflow.server.command.CommandEvent.Delivered;
import io.iotflow.server.command.CommandEvent.Lost;
import io.iotflow.server.command.CommandEvent.Refused;
import io.iotflow.server.command.CommandEvent.Sent;
import io.iotflow.server.command.CommandEvent.SentUnacknowledged;
import io.iotflow.server.command.CommandEvent.TimePassed;
import io.iotflow.server.command.CommandEvent.Way;
import io.iotflow.server.command.CommandEvent.Word;
import io.iotflow.server.core.CommandLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Stories of commands: what happens at which second, and where the life stands then.
class CommandLifeTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final JsonNode PROOF = JsonNodeFactory.instance.objectNode().put("by", "test");
    private static final JsonNode RESULT = JsonNodeFactory.instance.objectNode().put("by", "test")
            .set("result", JsonNodeFactory.instance.objectNode());
    private static final Terms TERMS = new Terms(START, START.plusSeconds(600), Duration.ofSeconds(30),
            Duration.ofSeconds(60), 3, Duration.ofSeconds(10));
    private static final CommandEvent SENT = new Sent(Way.MQTT, PROOF);
    private static final CommandEvent FETCHED = new Sent(Way.HTTP, PROOF);
    private static final CommandEvent PUBACK = new Delivered(PROOF);
    private static final CommandEvent LOST = new Lost("gone");
    private static final CommandEvent SUCCESS = new Answered(Word.SUCCESS, RESULT);
    private static final CommandEvent ERROR = new Answered(Word.ERROR, RESULT);
    private static final CommandEvent RUNNING = new Answered(Word.ACKNOWLEDGED, PROOF);
    private static final CommandEvent TIME = new TimePassed();

    private record At(int second, CommandEvent event) {}

    private static At at(int second, CommandEvent event) {
        return new At(second, event);
    }

    private static CommandLife life(Terms terms, At... events) {
        var life = CommandLife.begun(terms, PROOF, START);
        for (var it : events) life = life.after(it.event(), START.plusSeconds(it.second()));
        return life;
    }

    /// @param steps the states of all steps, late ones in brackets
    private static void check(String steps, At... events) {
        check(steps, TERMS, events);
    }

    private static void check(String steps, Terms terms, At... events) {
        assertThat(life(terms, events).steps().stream().map(step -> step.isLate() ? "(" + step.state().word() + ")"
                : step.state().word()).collect(Collectors.joining(" "))).isEqualTo(steps);
    }

    @Test
    void aLifeIsToldStepByStep() {
        check("queued sent delivered acknowledged succeeded", at(1, SENT), at(2, PUBACK), at(3, RUNNING),
                at(4, SUCCESS));
        check("queued sent delivered failed", at(1, SENT), at(2, PUBACK), at(3, ERROR));
        check("queued sent delivered succeeded", at(1, FETCHED), at(2, new Answered(Word.RECEIVED, PROOF)),
                at(4, SUCCESS));
        check("queued sent failed", at(1, SENT), at(2, new Refused(PROOF)));
        check("queued cancelled", at(1, new Cancelled("me", false)));
    }

    @Test
    void aResultProvesThatItHasArrived() {
        check("queued sent succeeded", at(1, SENT), at(2, SUCCESS), at(3, PUBACK));
        check("queued sent acknowledged", at(1, SENT), at(2, RUNNING), at(3, PUBACK));
        check("queued sent queued succeeded", at(1, SENT), at(2, LOST), at(3, SUCCESS), at(50, SENT));
    }

    @Test
    void nothingIsBelievedOfWhatWasNeverSent() {
        check("queued", at(1, PUBACK), at(2, SUCCESS), at(3, RUNNING), at(4, LOST), at(5, new Refused(PROOF)));
    }

    @Test
    void whatIsLostIsSentAgainAfterAPauseThatDoubles() {
        check("queued sent queued", at(1, SENT), at(2, LOST), at(11, SENT));
        check("queued sent queued sent", at(1, SENT), at(2, LOST), at(12, SENT));
        check("queued sent queued sent queued", at(1, SENT), at(2, LOST), at(12, SENT), at(13, LOST), at(32, SENT));
        check("queued sent queued sent queued sent failed", at(1, SENT), at(2, LOST), at(12, SENT), at(13, LOST),
                at(33, SENT), at(34, LOST));
        assertThat(TERMS.pauseAfter(40)).isEqualTo(CommandLimits.COMMAND_LONGEST_PAUSE);
    }

    @Test
    void eachStepHasItsTime() {
        check("queued sent", at(1, SENT), at(30, TIME));
        check("queued sent queued", at(1, SENT), at(31, TIME));
        check("queued sent queued delivered", at(1, SENT), at(31, TIME), at(32, PUBACK));
        check("queued sent delivered", at(1, SENT), at(2, PUBACK), at(61, TIME));
        check("queued sent delivered failed", at(1, SENT), at(2, PUBACK), at(62, TIME));
        check("queued sent delivered acknowledged", at(1, SENT), at(2, PUBACK), at(50, RUNNING), at(100, RUNNING),
                at(159, TIME));
        check("queued sent delivered acknowledged failed", at(1, SENT), at(2, PUBACK), at(50, RUNNING), at(110, TIME));
    }

    @Test
    void aSubscriptionThatDoesNotAcknowledgeLeavesItsArrivalUnknown() {
        check("queued sent succeeded", at(1, SENT), at(1, new SentUnacknowledged()), at(40, TIME), at(50, SUCCESS));
        check("queued sent failed", at(1, SENT), at(1, new SentUnacknowledged()), at(30, LOST), at(61, TIME));
    }

    @Test
    void aDeviceThatPollsGetsItAgainUntilItConfirms() {
        assertThat(life(TERMS, at(1, FETCHED), at(2, FETCHED), at(3, FETCHED)).attempts()).isEqualTo(3);
        check("queued sent failed", at(1, FETCHED), at(2, FETCHED), at(3, FETCHED), at(4, FETCHED));
        check("queued sent queued sent", at(1, FETCHED), at(31, TIME), at(31, FETCHED));
    }

    @Test
    void nothingGoesOutBeforeItsTimeOrAfterItsEnd() {
        var later = new Terms(START.plusSeconds(100), START.plusSeconds(200), Duration.ofSeconds(30),
                Duration.ofSeconds(60), 3, Duration.ofSeconds(10));
        check("queued", later, at(99, SENT), at(99, TIME));
        check("queued sent", later, at(100, SENT));
        check("queued expired", later, at(200, TIME));
        check("queued expired", later, at(200, SENT));
        check("queued sent expired", later, at(190, SENT), at(200, TIME));
        check("queued sent expired", later, at(190, SENT), at(201, LOST));
        check("queued sent delivered succeeded", later, at(190, SENT), at(191, PUBACK), at(210, TIME),
                at(220, SUCCESS));
        assertThat(life(later).wakesAt(START)).contains(START.plusSeconds(100));
        assertThat(life(later).wakesAt(START.plusSeconds(100))).contains(START.plusSeconds(200));
        assertThat(life(later, at(190, SENT)).wakesAt(START.plusSeconds(190))).contains(START.plusSeconds(200));
    }

    @Test
    void whatHasGoneOutIsCancelledOnlyIfItWasTakenBack() {
        check("queued sent", at(1, SENT), at(2, new Cancelled("me", false)));
        check("queued sent cancelled", at(1, SENT), at(2, new Cancelled("me", true)));
        check("queued sent delivered", at(1, SENT), at(2, PUBACK), at(3, new Cancelled("me", true)));
    }

    @Test
    void anEndStaysAndWhatComesLateIsKeptBesideIt() {
        check("queued sent delivered succeeded", at(1, SENT), at(2, PUBACK), at(3, SUCCESS), at(4, ERROR),
                at(5, SUCCESS));
        check("queued sent delivered failed", at(1, SENT), at(2, PUBACK), at(3, ERROR), at(4, SUCCESS), at(4, ERROR));
        check("queued sent delivered failed (succeeded)", at(1, SENT), at(2, PUBACK), at(100, TIME), at(101, SUCCESS),
                at(102, ERROR), at(103, RUNNING));
        check("queued cancelled (succeeded)", at(1, new Cancelled("me", false)), at(2, SUCCESS), at(3, SENT));
    }

    /// Whatever happens in whatever order, what must never be is not. `-Diotflow.seed` tells one run again.
    @Test
    void noOrderOfEventsBreaksTheRules() {
        var random = new Random(Long.getLong("iotflow.seed", 20_260_105));
        var events = List.of(SENT, FETCHED, new SentUnacknowledged(), PUBACK, LOST, new Refused(PROOF), SUCCESS, ERROR,
                RUNNING, new Answered(Word.RECEIVED, PROOF), new Cancelled("me", false), new Cancelled("me", true),
                TIME);
        var ends = new ArrayList<CommandState>();
        for (var round = 0; round < 5_000; round++) {
            var life = CommandLife.begun(TERMS, PROOF, START);
            var now = START;
            while (!life.state().isEnded()) {
                now = now.plusMillis(random.nextInt(40_000));
                var event = random.nextInt(3) == 0 ? TIME : events.get(random.nextInt(events.size()));
                var before = life;
                life = life.after(event, now);
                requireRules(before, event, life, now);
            }
            ends.add(life.state());
            var ended = life;
            for (var event : events) {
                assertThat(ended.after(event, now).state()).isEqualTo(ended.state());
                assertThat(ended.after(event, now).steps()).startsWith(ended.steps().toArray(Step[]::new));
            }
        }
        assertThat(ends).contains(CommandState.SUCCEEDED, CommandState.FAILED, CommandState.EXPIRED,
                CommandState.CANCELLED);
    }

    private static void requireRules(CommandLife before, CommandEvent event, CommandLife after, Instant now) {
        var story = before + " " + event + " at " + now;
        if (after.state() == CommandState.DELIVERED && before.state() != CommandState.DELIVERED) {
            assertThat(event instanceof Delivered || event instanceof Answered).as(story).isTrue();
        }
        if (after.attempts() > before.attempts()) {
            assertThat(now).as(story).isBefore(TERMS.expires());
            assertThat(after.attempts()).as(story).isLessThanOrEqualTo(TERMS.attempts());
        }
        if (after.state() == CommandState.CANCELLED) {
            assertThat(before.state()).as(story).isIn(CommandState.QUEUED, CommandState.SENT);
        }
        assertThat(after.steps()).as(story).startsWith(before.steps().toArray(Step[]::new));
        assertThat(after.due().isPresent()).as(story).isEqualTo(!after.state().isEnded());
        assertThat(after.wakesAt(now).isPresent()).as(story).isEqualTo(!after.state().isEnded());
    }
}
