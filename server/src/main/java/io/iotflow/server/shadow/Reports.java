package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.InboundMessage;
import io.iotflow.server.ingest.Ingest;
import io.iotflow.server.ingest.Lanes;
import io.iotflow.server.ingest.http.IngestRoutes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/// What devices report by requests, which wait for an answer, and what they ask. On the request's virtual thread.
public final class Reports {
    private static final Duration CATCH_UP = Duration.ofSeconds(1);

    private final ThingsBoardDialect thingsBoard = new ThingsBoardDialect();
    private final Shadows shadows;
    private final Ingest ingest;
    private final Lanes lanes;

    public Reports(Shadows shadows, Ingest ingest, Lanes lanes) {
        this.shadows = shadows;
        this.ingest = ingest;
        this.lanes = lanes;
    }

    /// What a device of ThingsBoard is told that wants to call a method.
    public static PlatformException noMethods() {
        return new PlatformException(ErrorCode.NOT_FOUND, "This platform has no methods that devices call. Send "
                + "telemetry or attributes, and let a rule do what is to be done.");
    }

    /// Applies a merge patch to the reported half; it is on disk, and applied, when this returns.
    ///
    /// @throws PlatformException when it is refused
    public void report(Device device, ObjectNode patch) throws InterruptedException {
        report(device, new Wish(patch, OptionalLong.empty(), OptionalLong.empty(), ""));
    }

    Shadow report(Device device, Wish wish) throws InterruptedException {
        IngestRoutes.requireMayPublish(device);
        Half.check("reported", wish.patch()); // as it came: the log gets it as text
        var body = Json.mapper().createObjectNode();
        body.set("reported", wish.patch());
        wish.version().ifPresent(version -> body.put("version", version));
        wish.own().ifPresent(version -> body.put("reported_version", version));
        try (var ticket = shadows.waiting().ticket()) {
            var bytes = body.toString().getBytes(StandardCharsets.UTF_8);
            ingest.awaitDurable(IngestRoutes.acceptedOrRefused(ingest.accept(new InboundMessage(
                    InboundMessage.Via.HTTP, device.id(), device.organization(), Kind.SHADOW, ticket.word(), bytes, 0,
                    bytes.length))));
            return ticket.await();
        }
    }

    /// With everything that was acknowledged before, unless the lanes are more than a second behind.
    Shadow read(DeviceId device) {
        try {
            lanes.awaitAll(CATCH_UP);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return shadows.of(device);
    }

    /// As ThingsBoard's devices ask for it.
    ///
    /// @param wanted `{"clientKeys": "a,b", "sharedKeys": "c"}`; all of both when it names neither
    public ObjectNode attributes(DeviceId device, JsonNode wanted) {
        return ThingsBoardDialect.attributes(wanted, shadows.seenByThingsBoard(read(device)));
    }

    /// Waits until what is desired of a device changes, and says how, as ThingsBoard's devices hear of it: new values,
    /// and under `deleted` the names of those that are gone. Empty when nothing has changed in that time.
    public Optional<ObjectNode> awaitShared(DeviceId device, Duration atMost) throws InterruptedException {
        var deadline = System.nanoTime() + atMost.toNanos();
        var before = shadows.seenByThingsBoard(shadows.of(device));
        while (true) {
            var bell = shadows.bells().listen(device);
            var after = shadows.seenByThingsBoard(shadows.of(device));
            var change = Json.mapper().createObjectNode();
            thingsBoard.desired(before, after, Instant.EPOCH).forEach(said ->
                    change.setAll((ObjectNode) said.payload().get()));
            if (!change.isEmpty()) return Optional.of(change);
            if (!bell.await(deadline)) return Optional.empty();
        }
    }
}
