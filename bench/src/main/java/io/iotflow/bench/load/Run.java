package io.iotflow.bench.load;

/// One loop's share of a run, in its own clock's nanoseconds. Counting begins at `measure`, sending ends at `stop`,
/// and answers (and what is overdue by then) are waited for until `giveUp`.
record Run(Schedule schedule, long start, long measure, long stop, long giveUp) {

    long elapsed(long now) {
        return Math.min(now, stop) - start;
    }

    long due(int connection, long now) {
        return schedule.due(connection, elapsed(now));
    }

    /// Whether a connection may send now. Only overdue messages go out after the end.
    boolean open(long now) {
        return now < stop || schedule instanceof Schedule.Rate && now < giveUp;
    }
}
