package io.iotflow.server.ingest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.Measurement;
import io.iotflow.server.core.DeviceId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Follows what becomes of the messages of single devices. The door asks for each message and the rules for each event:
/// that costs one look while no device is followed.
@FunctionalInterface
public interface Tracing {
    /// Nobody is followed.
    Tracing NOTHING = _ -> null;

    /// Null unless this device is followed at this moment.
    Trace of(DeviceId device);

    /// Of one device. Used by many threads at once; MUST NOT throw, for what is followed goes its way all the same.
    interface Trace {
        /// @param received by which the rules' answer to it can be found
        Message message(InboundMessage message, Instant received);

        /// What the rules made of an event, one object each.
        ///
        /// @param received of the event; empty when only time has passed
        void rules(Optional<Instant> received, List<ObjectNode> said);
    }

    /// One message on its way, told step by step by the thread that takes it. What it is given is not to be changed.
    interface Message extends Processing.Onlooker {
        void decoded(List<Measurement> sent);

        /// @param measurements as they go to the log, sealed where they are sensitive
        void kept(List<Measurement> measurements);

        /// The last that is told. The message's bytes are still there.
        void ended(IngestOutcome outcome);
    }
}
