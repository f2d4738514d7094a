package io.iotflow.bench.load;

import java.nio.ByteBuffer;

/// One connection's side of a protocol: bytes out, answers in. Not thread-safe; belongs to the loop of its connection.
interface Wire {

    /// What is sent first; empty when the protocol needs no greeting.
    byte[] greeting();

    /// Whether messages may be sent before anything was answered.
    boolean readyAtOnce();

    /// Whether each message is answered. If not, it is done once it is written.
    boolean answered();

    /// The size of one message, always the same, in bytes.
    int frameBytes();

    /// Appends one message. `slot` comes back with its answer.
    void encode(ByteBuffer out, int slot, long micros);

    /// Takes everything that has arrived, cut at any byte.
    void read(ByteBuffer in, Answers answers);

    /// What is sent last; empty when closing is enough.
    byte[] farewell();

    /// Who is told.
    interface Answers {
        void ready();

        void acknowledged(int slot);

        void refused(int slot, int code);

        /// A message from the other side, for subscribers.
        void delivered();

        /// The connection cannot go on.
        void broken(String why);
    }
}
