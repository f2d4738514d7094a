package io.iotflow.bench.load;

/// When each connection may send. Pure: no clock, no socket. Connections are numbered from 0.
public sealed interface Schedule {

    long NANOS = 1_000_000_000L;

    /// How many messages a connection should have sent once the run is `elapsedNanos` old.
    long due(int connection, long elapsedNanos);

    /// How many of one connection's messages may wait for their answer at once.
    int inFlight();

    /// As fast as answers come back. What is measured is the other side's capacity, and the time from the real
    /// sending to the answer.
    record Window(int inFlight) implements Schedule {
        public Window {
            requirePositive(inFlight, "messages in flight");
        }

        @Override
        public long due(int connection, long elapsedNanos) {
            return Long.MAX_VALUE;
        }
    }

    /// At fixed times, whatever the answers do; the connections take turns. A message that could not be sent in time
    /// is sent as soon as possible and its latency still counts from the intended time, so that a stall of the other
    /// side is seen by every message it delayed (no coordinated omission).
    ///
    /// @param perSecond messages a second of all connections together
    record Rate(double perSecond, int connections, int inFlight) implements Schedule {
        public Rate {
            if (!(perSecond > 0)) throw new IllegalArgumentException("a rate must be above 0");
            requirePositive(connections, "connections");
            requirePositive(inFlight, "messages in flight");
        }

        @Override
        public long due(int connection, long elapsedNanos) {
            long turns = turnsTaken(elapsedNanos);
            return turns <= connection ? 0 : (turns - 1 - connection) / connections + 1;
        }

        /// How many messages should have been sent by all connections together; message `n` is of connection
        /// `n mod connections`.
        public long turnsTaken(long elapsedNanos) {
            if (elapsedNanos < 0) return 0;
            long turns = (long) (elapsedNanos * perSecond / NANOS) + 1;
            while (turns > 0 && timeOfTurn(turns - 1) > elapsedNanos) turns--;
            while (timeOfTurn(turns) <= elapsedNanos) turns++;
            return turns;
        }

        /// Nanoseconds after the start of the run.
        public long timeOfTurn(long turn) {
            return (long) (turn * (NANOS / perSecond));
        }

        /// Nanoseconds after the start of the run at which a connection's message is to be sent.
        public long intended(int connection, long index) {
            return timeOfTurn(index * connections + connection);
        }
    }

    /// The part of this schedule that falls to one of several loops.
    default Schedule share(int ownConnections, int allConnections) {
        return switch (this) {
            case Window window -> window;
            case Rate rate -> new Rate(rate.perSecond * ownConnections / allConnections, ownConnections, rate.inFlight);
        };
    }

    private static void requirePositive(int number, String what) {
        if (number < 1) throw new IllegalArgumentException(what + " must be at least 1");
    }
}
