package io.iotflow.server.ingest;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.PayloadException;
import io.iotflow.protocol.PayloadException.Fault;
import io.iotflow.protocol.TelemetryDecoder;
import io.iotflow.protocol.TelemetryLimits;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.ingest.IngestOutcome.Accepted;
import io.iotflow.server.ingest.IngestOutcome.Overloaded;
import io.iotflow.server.ingest.IngestOutcome.Reason;
import io.iotflow.server.ingest.IngestOutcome.Rejected;
import io.iotflow.server.journal.Journal;
import io.iotflow.server.telemetry.SeriesCatalogue;
import io.iotflow.server.telemetry.SeriesVerdict;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Takes what devices send, whichever protocol it came by. [#accept] never waits: it answers at once, and a message
/// it has accepted is on disk when the log has committed its position. Only then may an adapter acknowledge it.
///
/// Runs on the adapters' threads.
public final class Ingest {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final long ROOM_MILLIS = 5;
    private static final String RESULT = "/result";

    private final TelemetryDecoder decoder;
    private final TelemetryDecoder recordDecoder;
    private final int payloadBytes;
    private final SeriesCatalogue series;
    private final Sealing sealing;
    private final Journal journal;
    private final IngestStatistics statistics;
    private final boolean keepsLog;
    private final InstantSource clock;

    /// Seals the values that must not stand in the log as they came.
    @FunctionalInterface
    public interface Sealing {
        /// @return the same list when there is none among them
        /// @throws io.iotflow.server.core.PlatformException when they cannot be sealed now
        List<Measurement> seal(OrganizationPath organization, DeviceId device, List<Measurement> measurements);
    }

    /// @param keepsLog false only to measure what the log costs: then nothing is kept
    public Ingest(TelemetryLimits limits, SeriesCatalogue series, Sealing sealing, Journal journal, boolean keepsLog,
            InstantSource clock) {
        this.keepsLog = keepsLog;
        this.decoder = new TelemetryDecoder(limits, Set.of());
        this.recordDecoder = new TelemetryDecoder(limits, Set.of("device"));
        this.payloadBytes = limits.payloadBytes();
        this.series = series;
        this.sealing = sealing;
        this.journal = journal;
        this.statistics = new IngestStatistics();
        this.clock = clock;
    }

    public IngestOutcome accept(InboundMessage message) {
        var outcome = switch (message.kind()) {
            case TELEMETRY -> telemetry(message, decoder);
            case HEARTBEAT -> append(EventCodec.heartbeat(message.device(), now()), 0, now());
            case STATUS, ERRORS, COMMANDS -> text(message);
            case CONFIG, QUARANTINE -> new Rejected(Reason.UNKNOWN_TOPIC, "devices do not publish there");
        };
        return counted(outcome);
    }

    /// Takes one record of a batch, in which the field `device` says whose it is and is no metric.
    public IngestOutcome acceptRecord(InboundMessage message) {
        return counted(telemetry(message, recordDecoder));
    }

    private IngestOutcome counted(IngestOutcome outcome) {
        switch (outcome) {
            case Accepted accepted -> statistics.accepted(accepted.measurements());
            case Rejected rejected -> statistics.rejected(rejected.reason());
            case Overloaded _ -> statistics.overloaded();
        }
        return outcome;
    }

    private IngestOutcome telemetry(InboundMessage message, TelemetryDecoder decoder) {
        var received = clock.instant();
        List<Measurement> measurements;
        try {
            measurements = decoder.decode(message.bytes(), message.offset(), message.length(), received);
        } catch (PayloadException e) {
            return new Rejected(reason(e.reason()), e.getMessage(), e.faults());
        }
        var refusal = checkSeries(message, measurements);
        if (refusal != null) return refusal;
        var receivedMicros = Timestamps.micros(received);
        var latest = Long.MIN_VALUE;
        for (var measurement : measurements) latest = Math.max(latest, measurement.timeMicros());
        List<Measurement> kept;
        try {
            kept = sealing.seal(message.organization(), message.device(), measurements);
        } catch (PlatformException _) {
            return new Overloaded(RETRY_AFTER);
        }
        var event = EventCodec.telemetry(message.device(), receivedMicros, kept);
        return append(event, kept.size(), latest, kept != measurements);
    }

    private static Reason reason(PayloadException.Reason reason) {
        return switch (reason) {
            case MALFORMED -> Reason.MALFORMED;
            case INVALID -> Reason.INVALID;
            case TOO_LARGE -> Reason.TOO_LARGE;
        };
    }

    /// Null if every metric has the type that it had before.
    private Rejected checkSeries(InboundMessage message, List<Measurement> measurements) {
        List<Fault> faults = null;
        var reason = Reason.TYPE_CHANGED;
        for (var measurement : measurements) {
            var type = measurement.value().type();
            var fault = switch (series.check(message.device(), measurement.metric(), type)) {
                case SeriesVerdict.Accepted _ -> null;
                case SeriesVerdict.TypeConflict(var kept) -> "is " + word(kept) + " in this device's history, not "
                        + word(type) + "; send " + word(kept) + " or use a new name";
                case SeriesVerdict.TooManySeries(var limit) -> {
                    reason = Reason.TOO_MANY_METRICS;
                    yield "would be one metric more than the " + limit + " allowed; reuse names";
                }
            };
            if (fault == null) continue;
            if (faults == null) faults = new ArrayList<>();
            faults.add(new Fault(measurement.metric(), fault));
        }
        if (faults == null) return null;
        return new Rejected(reason, faults.getFirst().field() + " " + faults.getFirst().detail(), faults);
    }

    private static String word(io.iotflow.protocol.Value.Type type) {
        return "a " + type.name().toLowerCase(Locale.ROOT);
    }

    private IngestOutcome text(InboundMessage message) {
        if (message.length() > payloadBytes) {
            return new Rejected(Reason.TOO_LARGE, "the message has " + message.length() + " bytes; " + payloadBytes
                    + " are allowed");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(message.bytes(), message.offset(), message.length())).toString();
        } catch (CharacterCodingException _) {
            return new Rejected(Reason.MALFORMED, "the text is not UTF-8");
        }
        var now = now();
        return switch (message.kind()) {
            case STATUS -> append(EventCodec.status(message.device(), now, message.rest(), text), 0, now);
            case ERRORS -> append(EventCodec.error(message.device(), now, text), 0, now);
            default -> {
                if (!message.rest().endsWith(RESULT)) {
                    yield new Rejected(Reason.UNKNOWN_TOPIC, "a command's result goes to commands/{id}/result");
                }
                var command = message.rest().substring(0, message.rest().length() - RESULT.length());
                yield append(EventCodec.result(message.device(), now, command, text), 0, now);
            }
        };
    }

    private IngestOutcome append(ByteBuffer event, int measurements, long timeMicros) {
        return append(event, measurements, timeMicros, false);
    }

    private IngestOutcome append(ByteBuffer event, int measurements, long timeMicros, boolean isSealed) {
        if (!keepsLog) return new Accepted(0, measurements, timeMicros, isSealed);
        var position = journal.append(event);
        return position == Journal.FULL
                ? new Overloaded(RETRY_AFTER) : new Accepted(position, measurements, timeMicros, isSealed);
    }

    private long now() {
        return Timestamps.micros(clock.instant());
    }

    /// Waits until the message is on disk. For adapters with a thread for each request.
    public void awaitDurable(Accepted accepted) throws InterruptedException {
        journal.awaitCommitted(accepted.position());
    }

    /// Waits for the next commit or a few milliseconds, after which there may be room again.
    public void awaitRoom() throws InterruptedException {
        journal.awaitChange(ROOM_MILLIS);
    }

    public IngestStatistics statistics() {
        return statistics;
    }
}
