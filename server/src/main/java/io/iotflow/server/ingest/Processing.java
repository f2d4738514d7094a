package io.iotflow.server.ingest;

import io.iotflow.protocol.Measurement;
import io.iotflow.server.core.DeviceId;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is done with what devices send, between reading and keeping it. Stands before the acknowledgement: it costs one
/// look where nothing is to be done, and never waits.
@FunctionalInterface
public interface Processing {
    /// Nothing at all.
    Processing NOTHING = _ -> null;

    /// What is done with what this device sends; null for nothing.
    ///
    /// @throws io.iotflow.server.core.PlatformException when that cannot be known at this moment
    Plan of(DeviceId device);

    /// For one device. Used by many threads at once.
    interface Plan {
        /// Whether it makes measurements of payloads that are no JSON.
        boolean decodesPayloads();

        /// @param message a payload that is no JSON
        /// @return its measurements; empty when there is no way to keep any of it
        List<Measurement> decode(InboundMessage message, long receivedMicros);

        /// Never refuses anything: what a rule cannot deal with stays as it was sent.
        ///
        /// @param onlooker null for nobody
        Outcome apply(List<Measurement> measurements, Onlooker onlooker);

        default Outcome apply(List<Measurement> measurements) {
            return apply(measurements, null);
        }
    }

    /// Sees what each step makes of a message.
    interface Onlooker {
        /// The steps begin with this record, which is what the device sent at one time.
        void record(List<Measurement> sent);

        /// @param rule  its number
        /// @param index of the step in its rule
        /// @param type  the step's word
        /// @param left  what the record has after it
        void after(long rule, int index, String type, List<Seen> left);
    }

    /// @param quality a word; empty where no range has judged it
    record Seen(Measurement measurement, String quality) {}

    /// What became of a message's measurements.
    interface Outcome {
        /// The same list as before when nothing has changed.
        List<Measurement> measurements();

        /// For each metric that was made of others, those; for all metrics under `*`.
        Map<String, Set<String>> origins();

        /// To be called when they are in the log.
        void kept();
    }
}
