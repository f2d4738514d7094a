package io.iotflow.server.http;

import java.util.concurrent.atomic.LongAdder;

/// What the listener has counted since it started. Cheap to count, meant to be read by gauges.
public final class HttpStatistics {
    private final LongAdder[] byClass = {new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder(),
        new LongAdder(), new LongAdder()};
    private final LongAdder nanoseconds = new LongAdder();
    private final LongAdder overloaded = new LongAdder();
    private final LongAdder malformed = new LongAdder();
    private final LongAdder bugs = new LongAdder();

    HttpStatistics() {}

    void answered(int status, long elapsedNanos) {
        byClass[status / 100 % byClass.length].increment();
        nanoseconds.add(elapsedNanos);
    }

    void overload() {
        overloaded.increment();
    }

    void malformedHttp() {
        malformed.increment();
    }

    void bug() {
        bugs.increment();
    }

    /// Answers whose status begins with this digit, 1 to 5.
    public LongAdder answers(int statusClass) {
        return byClass[statusClass];
    }

    /// Time spent answering, summed over all answers except streams.
    public LongAdder nanoseconds() {
        return nanoseconds;
    }

    /// Requests refused because too many were being answered.
    public LongAdder overloaded() {
        return overloaded;
    }

    /// Requests that were not HTTP.
    public LongAdder malformed() {
        return malformed;
    }

    /// Answers 500.
    public LongAdder bugs() {
        return bugs;
    }
}
