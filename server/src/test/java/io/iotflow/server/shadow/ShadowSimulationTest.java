package io.iotflow.server.shadow;

import static io.iotflow.server.core.OrganizationPath.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceConfig;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Profile;
import io.iotflow.server.http.Json;
import io.iotflow.server.ingest.DeviceEvent.ShadowReceived;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The life of a shadow against a model of it: reports that come by the log, some of them for one version only, wishes
/// of people in between, and crashes after which a part of the log comes again.
class ShadowSimulationTest {
    private static final long SEED = Long.getLong("iotflow.seed", 20_260_101);

    private final Database database = SharedDatabase.open();
    private final Audit audit = new Audit(database, InstantSource.system());
    private final List<ShadowReceived> log = new ArrayList<>();
    private final Random random = new Random(SEED);
    private final List<Shadows> dead = new ArrayList<>();

    private ObjectNode reported = Json.mapper().createObjectNode();
    private ObjectNode desired = Json.mapper().createObjectNode();
    private long reports;
    private long wishes;

    private Shadows open() {
        return new Shadows(database, new ShadowConfig(List.of()), _ -> Optional.empty(), audit, InstantSource.system());
    }

    private static void tell(Shadows shadows, ShadowReceived event, long position) {
        shadows.on(event, position);
    }

    @Test
    void neitherCrashesNorConflictsMakeAShadowAnythingElseThanTheLogAndPeopleSay() {
        var registry = new DeviceRegistry(database, DeviceConfig.standard(), SharedDatabase.metadata(), audit,
                InstantSource.system());
        var device = registry.register(Actor.PLATFORM, "shadow-simulated", Profile.of("lamp"), DeviceStatus.ACTIVE)
                .device();
        var shadows = open();
        var kept = 0; // up to there the log is done with for sure
        for (var step = 0; step < 600; step++) {
            switch (random.nextInt(20)) {
                case 0 -> {
                    // As if killed: its memory is gone, with what is not written yet, and the log is read again from
                    // before. Should its writer come to write after all, that must not matter either.
                    dead.add(shadows);
                    shadows = open();
                    for (var at = kept; at < log.size(); at++) tell(shadows, log.get(at), at + 1);
                }
                case 1 -> {
                    var running = shadows;
                    var count = running.durable().submitted();
                    TestPlatform.await("the writer", () -> running.durable().written() >= count);
                    kept = Math.max(kept, log.size() - random.nextInt(3)); // some come again all the same
                }
                case 2, 3, 4 -> wish(shadows, device);
                default -> report(shadows, device.id());
            }
            var seen = shadows.of(device.id());
            check(seen.json(), "seed " + SEED + ", step " + step);
        }
        assertThat(reports).isGreaterThan(200);
        assertThat(wishes).isGreaterThan(30);
        shadows.close();
        dead.forEach(Shadows::close);
        check(database.transaction(ROOT, handle -> new ShadowStore().find(handle, device.id())).json(), "at the end");
    }

    private void check(JsonNode shadow, String when) {
        assertThat(shadow.path("reported")).as(when).isEqualTo(reported);
        assertThat(shadow.path("desired")).as(when).isEqualTo(desired);
        assertThat(shadow.path("version").asLong()).as(when).isEqualTo(reports + wishes);
        assertThat(shadow.path("delta")).as(when).isEqualTo(MergePatch.difference(desired, reported));
    }

    private void report(Shadows shadows, DeviceId device) {
        var patch = patch();
        var body = Json.mapper().createObjectNode();
        body.set("reported", patch);
        var version = reports + wishes - (random.nextInt(3) == 0 ? 1 : 0);
        var isVersioned = random.nextBoolean();
        if (isVersioned) body.put("version", version);
        var event = new ShadowReceived(device, 1_000 + log.size() / 2, "update", shadows.desiredVersion(device),
                body.toString());
        log.add(event);
        tell(shadows, event, log.size());
        if (isVersioned && version != reports + wishes) return;
        reported = MergePatch.merged(reported, patch);
        reports++;
    }

    private void wish(Shadows shadows, Device device) {
        var patch = patch();
        var version = reports + wishes - random.nextInt(2);
        try {
            shadows.desire(Actor.PLATFORM, device,
                    new Wish(patch, OptionalLong.of(version), OptionalLong.empty(), ""));
            assertThat(version).isEqualTo(reports + wishes);
            desired = MergePatch.merged(desired, patch);
            wishes++;
        } catch (PlatformException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
            assertThat(version).isNotEqualTo(reports + wishes);
        }
    }

    private ObjectNode patch() {
        var patch = MergePatchTest.document(random, 2);
        if (random.nextInt(4) == 0) patch.putNull("k" + random.nextInt(4));
        return patch;
    }
}
