package io.iotflow.server.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceConfig;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Profile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Updates and what the registry says of their devices, over a real database.
class UpdatesTest {
    private static final byte[] CONTENT = {1, 2, 3};

    @TempDir
    Path folder;

    private final InstantSource clock = InstantSource.system();
    private final Audit audit = new Audit(SharedDatabase.open(), clock);
    private final DeviceRegistry devices = new DeviceRegistry(SharedDatabase.open(), DeviceConfig.standard(),
            SharedDatabase.metadata(), audit, clock);
    private Images images;
    private Updates updates;

    @BeforeEach
    void open() {
        images = new Images(SharedDatabase.open(), new FirmwareConfig(1, 0, Duration.ofMinutes(1), false), folder,
                audit, clock);
        updates = new Updates(SharedDatabase.open(), devices, images, audit, clock);
    }

    private Image image(String version) throws IOException, NoSuchAlgorithmException {
        var hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(CONTENT));
        var made = images.create(Actor.PLATFORM, OrganizationPath.ROOT, new ImageDraft("updates-test", version,
                ImageDraft.Channel.STABLE, Set.of(), Set.of(), "", CONTENT.length, hash, Optional.empty()));
        images.upload(OrganizationPath.ROOT, made.id(), 0, new ByteArrayInputStream(CONTENT));
        return images.finish(Actor.PLATFORM, made.id());
    }

    private Device device(String name) {
        var made = devices.register(Actor.PLATFORM, name, Profile.of("probe"), DeviceStatus.ACTIVE).device();
        return devices.update(Actor.PLATFORM, made.id(), OptionalLong.empty(),
                draft -> draft.withProfile(draft.profile().withFirmwareVersion("1.0")));
    }

    private Update offer(Device device, String version) throws IOException, NoSuchAlgorithmException {
        return updates.offer(Actor.PLATFORM, device, image(version), new OfferTerms(0, 1, Duration.ofMinutes(1)));
    }

    private Update report(Device device, Update update, UpdateState state) {
        return updates.report(device.id(), new UpdateEvent.Reported(Optional.of(update.id()), state, Optional.empty(),
                "", Optional.empty(), Optional.empty())).orElseThrow();
    }

    private String runs(Device device) {
        return devices.find(device.id()).orElseThrow().firmwareVersion();
    }

    @Test
    void whoSeesTheNewVersionSeesTheUpdateInstalled() throws Exception {
        var device = device("updates-seen");
        var update = offer(device, "2.0");
        List<UpdateState> seen = Collections.synchronizedList(new ArrayList<>());
        devices.onChange(id -> {
            if (id.equals(device.id()) && runs(device).equals("2.0")) {
                seen.add(updates.newest(id).orElseThrow().state());
            }
        });
        report(device, update, UpdateState.INSTALLED);
        assertThat(seen).isNotEmpty().containsOnly(UpdateState.INSTALLED);
    }

    @Test
    void whatIsSaidOfAnEarlierUpdateIsNotTakenForTheVersion() throws Exception {
        var device = device("updates-late");
        var earlier = offer(device, "3.0");
        updates.cancel(Actor.PLATFORM, device);
        offer(device, "3.1");
        report(device, earlier, UpdateState.INSTALLED);
        assertThat(runs(device)).isEqualTo("1.0");
        assertThat(updates.newest(device.id()).orElseThrow().state()).isEqualTo(UpdateState.OFFERED);
    }

    @Test
    void whoGoesBackRunsWhatItRanBefore() throws Exception {
        var device = device("updates-back");
        var update = offer(device, "4.0");
        report(device, update, UpdateState.INSTALLED);
        assertThat(runs(device)).isEqualTo("4.0");
        report(device, update, UpdateState.ROLLED_BACK);
        assertThat(runs(device)).isEqualTo("1.0");
    }
}
