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
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

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
    private final Processing processing;
    private final Sealing sealing;
    private final Tracing tracing;
    private final Journal journal;
    private final IngestStatistics statistics;
    private final boolean keepsLog;
    private final InstantSource clock;
    private volatile ToLongFunction<DeviceId> desiredVersions = _ -> 0;

    /// Seals the values that must not stand in the log as they came.
    public interface Sealing {
        /// @param origins for each metric that was made of others, those; for all metrics under `*`
        /// @return the same list when there is none among them
        /// @throws io.iotflow.server.core.PlatformException when they cannot be sealed now
        List<Measurement> seal(OrganizationPath organization, DeviceId device, List<Measurement> measurements,
                Map<String, Set<String>> origins);

        /// Whether there is one among them.
        ///
        /// @throws io.iotflow.server.core.PlatformException when that cannot be known now
        boolean isAnySealed(OrganizationPath organization, List<Measurement> measurements);
    }

    /// @param keepsLog false only to measure what the log costs: then nothing is kept
    public Ingest(TelemetryLimits limits, SeriesCatalogue series, Processing processing, Sealing sealing,
            Tracing tracing, Journal journal, boolean keepsLog, InstantSource clock) {
        this.tracing = tracing;
        this.processing = processing;
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

    /// Who knows how often the desired half of a device's shadow has been changed. It is written beside each message
    /// about a shadow, so that what comes of the message is the same whenever the log is read.
    ///
    /// @param those answers at once
    public void desiredVersions(ToLongFunction<DeviceId> those) {
        desiredVersions = those;
    }

    public IngestOutcome accept(InboundMessage message) {
        return accept(message, decoder);
    }

    /// Takes one record of a batch, in which the field `device` says whose it is and is no metric.
    public IngestOutcome acceptRecord(InboundMessage message) {
        return accept(message, recordDecoder);
    }

    private IngestOutcome accept(InboundMessage message, TelemetryDecoder decoder) {
        var received = clock.instant();
        var trace = tracing.of(message.device());
        var seen = trace == null ? null : trace.message(message, received);
        var micros = Timestamps.micros(received);
        var outcome = switch (message.kind()) {
            case TELEMETRY -> telemetry(message, decoder, received, seen);
            case HEARTBEAT -> append(EventCodec.heartbeat(message.device(), micros), 0, micros);
            case STATUS, ERRORS, COMMANDS, SHADOW, FIRMWARE -> text(message, micros);
            case CONFIG, QUARANTINE -> new Rejected(Reason.UNKNOWN_TOPIC, "devices do not publish there");
        };
        switch (outcome) {
            case Accepted accepted -> statistics.accepted(accepted.measurements());
            case Rejected rejected -> statistics.rejected(rejected.reason());
            case Overloaded _ -> statistics.overloaded();
        }
        if (seen != null) seen.ended(outcome);
        return outcome;
    }

    /// @param seen null unless somebody follows the device
    private IngestOutcome telemetry(InboundMessage message, TelemetryDecoder decoder, Instant received,
            Tracing.Message seen) {
        Processing.Plan plan;
        try {
            plan = processing.of(message.device());
        } catch (PlatformException _) {
            return new Overloaded(RETRY_AFTER);
        }
        List<Measurement> sent;
        try {
            sent = plan != null && plan.decodesPayloads() ? decoded(message, decoder, plan, received)
                    : decoder.decode(message.bytes(), message.offset(), message.length(), received);
        } catch (PayloadException e) {
            return new Rejected(reason(e.reason()), e.getMessage(), e.faults());
        }
        if (seen != null) seen.decoded(sent);
        if (plan == null) return keep(message, received, sent, sent, Map.of(), seen);
        var processed = plan.apply(sent, seen);
        var outcome = keep(message, received, sent, processed.measurements(), processed.origins(), seen);
        if (outcome instanceof Accepted) processed.kept();
        return outcome;
    }

    /// What does not look like JSON at all is not tried as such.
    private List<Measurement> decoded(InboundMessage message, TelemetryDecoder decoder, Processing.Plan plan,
            Instant received) throws PayloadException {
        PayloadException refusal = null;
        if (message.length() > payloadBytes || looksLikeJson(message)) {
            try {
                return decoder.decode(message.bytes(), message.offset(), message.length(), received);
            } catch (PayloadException e) {
                if (e.reason() != PayloadException.Reason.MALFORMED) throw e;
                refusal = e;
            }
        }
        var measurements = plan.decode(message, Timestamps.micros(received));
        if (!measurements.isEmpty()) return measurements;
        if (refusal != null) throw refusal;
        return decoder.decode(message.bytes(), message.offset(), message.length(), received);
    }

    private static boolean looksLikeJson(InboundMessage message) {
        for (int i = message.offset(); i < message.offset() + message.length(); i++) {
            var sign = message.bytes()[i];
            if (sign != ' ' && sign != '\t' && sign != '\n' && sign != '\r') return sign == '{' || sign == '[';
        }
        return false;
    }

    private IngestOutcome keep(InboundMessage message, Instant received, List<Measurement> sent,
            List<Measurement> measurements, Map<String, Set<String>> origins, Tracing.Message seen) {
        var refusal = checkSeries(message, measurements);
        if (refusal != null) return refusal;
        var receivedMicros = Timestamps.micros(received);
        var latest = Long.MIN_VALUE;
        for (var measurement : sent) latest = Math.max(latest, measurement.timeMicros());
        List<Measurement> kept;
        boolean isSealed;
        try {
            kept = sealing.seal(message.organization(), message.device(), measurements, origins);
            isSealed = kept != measurements
                    || measurements != sent && sealing.isAnySealed(message.organization(), sent);
        } catch (PlatformException _) {
            return new Overloaded(RETRY_AFTER);
        }
        if (seen != null) seen.kept(kept);
        // All of it was dropped by a rule: the device was there all the same.
        if (kept.isEmpty()) {
            return append(EventCodec.heartbeat(message.device(), receivedMicros), 0, latest, isSealed);
        }
        var position = append(message.device(), receivedMicros, kept);
        return position == Journal.FULL
                ? new Overloaded(RETRY_AFTER) : new Accepted(position, kept.size(), latest, isSealed);
    }

    /// As one record of the log, or as several if what rules and seals have made of it is too large for one. When only
    /// the first of them finds room, the message counts as not taken, and what it brings when it is sent again takes
    /// the place of what is there.
    ///
    /// @return the position of the last, or [Journal#FULL]
    private long append(DeviceId device, long received, List<Measurement> kept) {
        var event = EventCodec.telemetry(device, received, kept);
        if (!keepsLog) return 0;
        if (event.remaining() <= Journal.LARGEST_RECORD) return journal.append(event);
        var cut = middle(kept);
        return append(device, received, kept.subList(0, cut)) == Journal.FULL
                ? Journal.FULL : append(device, received, kept.subList(cut, kept.size()));
    }

    /// Where to cut: what has one time stays together if it can, because conditions see it together.
    private static int middle(List<Measurement> kept) {
        var half = kept.size() / 2;
        for (var cut = half; cut > 0; cut--) {
            if (kept.get(cut).timeMicros() != kept.get(cut - 1).timeMicros()) return cut;
        }
        for (var cut = half + 1; cut < kept.size(); cut++) {
            if (kept.get(cut).timeMicros() != kept.get(cut - 1).timeMicros()) return cut;
        }
        return half;
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

    private IngestOutcome text(InboundMessage message, long now) {
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
        return switch (message.kind()) {
            case STATUS -> append(EventCodec.status(message.device(), now, message.rest(), text), 0, now);
            case ERRORS -> append(EventCodec.error(message.device(), now, text), 0, now);
            case SHADOW -> append(EventCodec.shadow(message.device(), now, message.rest(),
                    desiredVersions.applyAsLong(message.device()), text), 0, now);
            case FIRMWARE -> append(EventCodec.firmware(message.device(), now, message.rest(), text), 0, now);
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

    /// Whether payloads of this device that are no JSON are worth a try.
    public boolean decodesPayloads(DeviceId device) {
        var plan = processing.of(device);
        return plan != null && plan.decodesPayloads();
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
