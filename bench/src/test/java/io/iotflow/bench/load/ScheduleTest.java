package io.iotflow.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    @Test
    void aWindowIsAlwaysDue() {
        assertThat(new Schedule.Window(100).due(7, 0)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void connectionsTakeTurns() {
        var schedule = new Schedule.Rate(1_000, 3, 128);
        check(schedule, 0, 1, 0, 0);
        check(schedule, 999_999, 1, 0, 0);
        check(schedule, 1_000_000, 1, 1, 0);
        check(schedule, 2_000_000, 1, 1, 1);
        check(schedule, 3_000_000, 2, 1, 1);
        check(schedule, 999_000_000, 334, 333, 333);
    }

    private static void check(Schedule schedule, long elapsedNanos, long... due) {
        for (int i = 0; i < due.length; i++) {
            assertThat(schedule.due(i, elapsedNanos)).as("connection %d after %d ns", i, elapsedNanos)
                    .isEqualTo(due[i]);
        }
    }

    @Test
    void nothingIsDueBeforeTheStart() {
        assertThat(new Schedule.Rate(1_000, 3, 128).due(0, -1)).isZero();
    }

    @Test
    void everyMessageIsDueAtItsTimeAndNotBefore() {
        var random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            int connections = 1 + random.nextInt(5_000);
            var schedule = new Schedule.Rate(1 + random.nextInt(200_000) / 3.0, connections, 1);
            int connection = random.nextInt(connections);
            long index = random.nextInt(100_000);
            long time = schedule.intended(connection, index);
            assertThat(schedule.due(connection, time)).isGreaterThan(index);
            if (time > 0) assertThat(schedule.due(connection, time - 1)).isLessThanOrEqualTo(index);
        }
    }

    @Test
    void sharesAddUpToTheWhole() {
        var whole = new Schedule.Rate(50_000, 5_000, 128);
        assertThat(whole.share(1_250, 5_000)).isEqualTo(new Schedule.Rate(12_500, 1_250, 128));
    }

    @Test
    void refusesWhatCannotBeKept() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Schedule.Window(0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Schedule.Rate(0, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Schedule.Rate(Double.NaN, 1, 1));
    }
}
