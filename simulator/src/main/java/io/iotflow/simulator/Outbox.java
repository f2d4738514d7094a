package io.iotflow.simulator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Optional;

/// A device's messages that the platform has not acknowledged: those waiting, and those in flight. Bounded; not safe
/// for several threads.
final class Outbox {
    /// What a small device's memory holds while its network is down: four hours at one message in 30 seconds.
    static final int MESSAGES_MAX = 480;

    private final int inFlightMax;
    private final Deque<Message> waiting = new ArrayDeque<>();
    private final LinkedHashMap<Long, Message> inFlight = new LinkedHashMap<>();
    private long numbered;

    Outbox(int inFlightMax) {
        this.inFlightMax = inFlightMax;
    }

    boolean isFull() {
        return size() >= MESSAGES_MAX;
    }

    boolean isEmpty() {
        return size() == 0;
    }

    int size() {
        return waiting.size() + inFlight.size();
    }

    void add(byte[] payload) {
        waiting.addLast(new Message(++numbered, payload));
    }

    /// Gives up the oldest message that waits, to make room for a newer one.
    void discardOldest() {
        waiting.pollFirst();
    }

    /// The next message to send, now in flight; none while as many as may be are.
    Optional<Message> next() {
        if (inFlight.size() >= inFlightMax || waiting.isEmpty()) return Optional.empty();
        var message = waiting.removeFirst();
        inFlight.put(message.number(), message);
        return Optional.of(message);
    }

    /// The platform has spoken about this message. False when it had done so before.
    boolean settle(long number) {
        if (inFlight.remove(number) != null) return true;
        // Acknowledged over a link that was lost since: it needs not be sent again.
        return waiting.removeIf(message -> message.number() == number);
    }

    /// What was in flight goes out again, first and in order.
    void returnInFlight() {
        new ArrayList<>(inFlight.values()).reversed().forEach(waiting::addFirst);
        inFlight.clear();
    }
}
