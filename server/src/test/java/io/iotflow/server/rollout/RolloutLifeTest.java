package io.iotflow.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Fields;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RolloutLifeTest {
    /// A Thursday.
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Decision REST = new Decision.Rest();

    static Plan plan(String json) {
        try {
            return PlanReader.read(Fields.of("", Json.mapper().readTree(json.replace('\'', '"'))), NOON);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Counts counts(long waiting, long open, long installed, long failed) {
        return new Counts(waiting, open, installed, failed, 0);
    }

    private static Decision next(RolloutState state, Plan plan, int stage, Counts... counts) {
        return RolloutLife.next(new RolloutLife.Facts(state, plan, stage, List.of(counts), 0, 0, 0, 0), NOON);
    }

    private static final Plan TWO = plan("{'stages':[{'count':10},{}],'success_percent':80,'error_percent':10}");

    private static Decision running(Counts first, Counts second) {
        return next(RolloutState.RUNNING, TWO, 0, first, second);
    }

    @Test
    void theNextStageBeginsWhenEnoughHaveInstalled() {
        assertThat(running(counts(10, 0, 0, 0), counts(90, 0, 0, 0))).isEqualTo(new Decision.Offer(500));
        assertThat(running(counts(0, 10, 0, 0), counts(90, 0, 0, 0))).isEqualTo(REST);
        assertThat(running(counts(0, 3, 7, 0), counts(90, 0, 0, 0))).isEqualTo(REST);
        assertThat(running(counts(0, 2, 8, 0), counts(90, 0, 0, 0))).isEqualTo(new Decision.NextStage());
        assertThat(next(RolloutState.RUNNING, TWO, 1, counts(0, 0, 10, 0), counts(0, 0, 85, 5)))
                .isEqualTo(new Decision.Finish());
    }

    @Test
    void haltsWhenTooManyFailOrTooFewSucceed() {
        assertThat(running(counts(0, 8, 1, 1), counts(90, 0, 0, 0))).isEqualTo(REST);
        assertThat(running(counts(0, 7, 1, 2), counts(90, 0, 0, 0)))
                .isEqualTo(new Decision.Halt("stage 1: 2 of 10 devices have failed, 10 % may"));
        assertThat(next(RolloutState.PAUSED, TWO, 0, counts(0, 7, 1, 2), counts(90, 0, 0, 0)))
                .isInstanceOf(Decision.Halt.class);
        var strict = plan("{'success_percent':95,'error_percent':10}");
        assertThat(next(RolloutState.RUNNING, strict, 0, counts(0, 0, 94, 6)))
                .isEqualTo(new Decision.Halt("stage 1: only 94 of 100 devices have installed, 95 % are needed"));
        assertThat(next(RolloutState.RUNNING, TWO, 1, counts(0, 0, 8, 2), counts(50, 0, 0, 0)))
                .as("a late failure of an earlier stage").isInstanceOf(Decision.Halt.class);
    }

    @Test
    void whatWasCalledBackCountsNeitherWay() {
        var cancelled = new Counts(0, 0, 1, 0, 9);
        assertThat(running(cancelled, counts(90, 0, 0, 0))).isEqualTo(new Decision.NextStage());
    }

    @Test
    void offersInItsTimeAndNotTooFast() {
        var later = plan("{'start_at':'2026-01-01T12:00:01Z'}");
        assertThat(next(RolloutState.SCHEDULED, later, 0, Counts.NONE)).isEqualTo(REST);
        assertThat(next(RolloutState.SCHEDULED, TWO, 0, Counts.NONE, Counts.NONE)).isEqualTo(new Decision.Begin());
        var nights = plan("{'windows':[{'days':['wed'],'from':'22:00','to':'11:00','zone':'America/New_York'}]}");
        assertThat(next(RolloutState.RUNNING, nights, 0, counts(5, 0, 0, 0))).as("07:00 there, after Wednesday")
                .isEqualTo(new Decision.Offer(500));
        var mornings = plan("{'windows':[{'from':'06:00','to':'12:00'}]}");
        assertThat(next(RolloutState.RUNNING, mornings, 0, counts(5, 0, 0, 0))).as("12:00 is not part").isEqualTo(REST);
        var slow = plan("{'rate_per_minute':7}");
        assertThat(RolloutLife.next(new RolloutLife.Facts(RolloutState.RUNNING, slow, 0,
                List.of(counts(9, 4, 0, 0)), 4, 4, 0, 0), NOON)).isEqualTo(new Decision.Offer(3));
        assertThat(RolloutLife.next(new RolloutLife.Facts(RolloutState.RUNNING, slow, 0,
                List.of(counts(9, 7, 0, 0)), 7, 7, 0, 0), NOON)).isEqualTo(REST);
    }

    @Test
    void goesBackInOrder() {
        check(new Decision.Recall(), 4, 2, 0, counts(0, 5, 2, 3));
        check(new Decision.Revert(), 0, 2, 0, counts(0, 1, 2, 3));
        check(REST, 0, 0, 2, counts(0, 0, 2, 3));
        check(REST, 0, 0, 0, counts(0, 1, 2, 3));
        check(new Decision.End(), 0, 0, 0, counts(0, 0, 2, 3));
    }

    private static void check(Decision expected, long recallable, long revertible, long reverting, Counts counts) {
        assertThat(RolloutLife.next(new RolloutLife.Facts(RolloutState.ROLLING_BACK, plan("{}"), 0, List.of(counts), 0,
                recallable, revertible, reverting), NOON)).isEqualTo(expected);
    }

    @Test
    void stagesShareTheDevicesByChanceAndTheSameEachTime() {
        var devices = IntStream.rangeClosed(1, 1_000).mapToObj(DeviceId::new).toList();
        var plan = plan("{'stages':[{'count':10},{'percent':20},{'percent':50}]}");
        var shares = plan.shares(3, devices);
        assertThat(shares).hasSize(1_000).isEqualTo(plan.shares(3, devices.reversed()));
        for (var expected : new int[][] {{0, 10}, {1, 200}, {2, 790}}) {
            assertThat(shares.values().stream().filter(stage -> stage == expected[0])).hasSize(expected[1]);
        }
        assertThat(plan.shares(4, devices)).isNotEqualTo(shares);
        assertThat(plan.shares(3, devices.subList(0, 4)).values()).containsOnly(0);
        assertThat(plan.shares(3, List.of())).isEmpty();
    }

    @Test
    void aPlanIsReadAsItIsWritten() {
        for (var text : List.of("{}", "{'stages':[{'count':1},{'percent':5,'success_percent':100},{}]}",
                "{'windows':[{'days':['sun','mon'],'from':'23:00','to':'01:00','zone':'Asia/Kathmandu'}]}",
                "{'scope':{'devices':['a'],'device_types':['b'],'groups':['c'],'filter':'device.id > 3'}}",
                "{'start_at':'+1h','approval':true,'rollback':true,'joins':true,'max_attempts':1,'timeout':'7d'}")) {
            var plan = plan(text);
            assertThat(plan(plan.document().toString())).as(text).isEqualTo(plan);
        }
    }

    @Test
    void refusesWhatCannotBe() {
        for (var text : List.of("{'stages':[{},{}]}", "{'stages':[{'count':1,'percent':1}]}",
                "{'stages':[{'count':0}]}",
                "{'windows':[{'from':'25:00','to':'01:00'}]}", "{'windows':[{'from':'1:00','to':'01:00'}]}",
                "{'windows':[{'from':'01:00','to':'02:00','zone':'Mars'}]}", "{'success_percent':101}",
                "{'timeout':'8d'}", "{'scope':{'filter':'device.'}}", "{'scope':{'colour':1}}")) {
            assertThatThrownBy(() -> plan(text)).as(text).isInstanceOf(PlatformException.class);
        }
        var stages = new ArrayList<String>();
        for (int i = 0; i < 21; i++) stages.add("{'count':1}");
        assertThatThrownBy(() -> plan("{'stages':[" + String.join(",", stages) + "]}"))
                .isInstanceOf(PlatformException.class);
    }
}
