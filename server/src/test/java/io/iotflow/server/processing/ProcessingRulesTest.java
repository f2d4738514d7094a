package io.iotflow.server.processing;

import static io.iotflow.server.core.Actor.PLATFORM;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.TestPlatform;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceFacts;
import io.iotflow.server.device.DeviceConfig;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Draft;
import io.iotflow.server.device.Profile;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Two nodes on one database.
class ProcessingRulesTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final String STEPS = "\"steps\":[{\"type\":\"calibrate\",\"metric\":\"t\",\"offset\":%d}]}";

    private final Database database = SharedDatabase.open();
    private final String type = "probe-" + NUMBER.incrementAndGet();
    private final Node here = new Node();
    private final Node there = new Node();

    private final class Node {
        final DeviceRegistry devices = new DeviceRegistry(database, DeviceConfig.standard(), SharedDatabase.metadata(),
                new Audit(database, InstantSource.system()), InstantSource.system());
        final ProcessingRules rules = new ProcessingRules(database, devices, new Rules.Known(), DeviceSteps.NOTHING,
                new Audit(database, InstantSource.system()), InstantSource.system());

        String processed(Device device) {
            var sent = Rules.decoded("{\"t\":1}");
            var plan = rules.of(device.id());
            return Rules.text(plan == null ? sent : plan.apply(sent).measurements());
        }
    }

    @AfterEach
    void close() {
        here.rules.close();
        there.rules.close();
    }

    private Device device(String type) {
        return here.devices.register(PLATFORM, "processed-" + NUMBER.incrementAndGet(), Profile.of(type),
                DeviceStatus.ACTIVE).device();
    }

    private ProcessingRule.Content content(int offset) {
        return Rules.document("{\"name\":\"" + type + "\",\"scope\":{\"device_types\":[\"" + type + "\"]},"
                + STEPS.formatted(offset)).content();
    }

    private void awaitThere(Device device, String processed) {
        TestPlatform.await(processed + " on the other node", () -> there.processed(device).equals(processed));
    }

    @Test
    void aChangeIsHereAtOnceAndSoonOnAnotherNode() {
        var device = device(type);
        assertThat(there.processed(device)).isEqualTo("t=1");
        var made = here.rules.create(PLATFORM, OrganizationPath.ROOT, content(1));
        assertThat(here.processed(device)).isEqualTo("t=2.0 t:raw=1");
        awaitThere(device, "t=2.0 t:raw=1");
        here.rules.change(PLATFORM, made.id(), OptionalLong.empty(), content(2));
        assertThat(here.processed(device)).isEqualTo("t=3.0 t:raw=1");
        awaitThere(device, "t=3.0 t:raw=1");
        here.rules.delete(PLATFORM, made.id(), OptionalLong.empty());
        assertThat(here.processed(device)).isEqualTo("t=1");
        awaitThere(device, "t=1");
    }

    @Test
    void aDeviceThatChangesIsSeenAnewOnBothNodes() {
        var device = device("something else");
        var made = here.rules.create(PLATFORM, OrganizationPath.ROOT, content(1));
        awaitThere(device(type), "t=2.0 t:raw=1");
        assertThat(there.processed(device)).isEqualTo("t=1");
        assertThat(here.processed(device)).isEqualTo("t=1");
        here.devices.update(PLATFORM, device.id(), OptionalLong.empty(), draft ->
                new Draft(draft.name(), draft.status(), Profile.of(type)));
        TestPlatform.await("this node", () -> here.processed(device).equals("t=2.0 t:raw=1"));
        awaitThere(device, "t=2.0 t:raw=1");
        here.rules.delete(PLATFORM, made.id(), OptionalLong.empty());
    }

    @Test
    void aRuleHoldsForItsOrganizationAndThoseBelowOnly() {
        var rule = new ProcessingRule(1, OrganizationPath.ROOT.child(3), 1, content(1), Rules.NOW, Rules.NOW);
        var device = DeviceFacts.of(Rules.device(type, "{}"));
        assertThat(rule.concerns(device)).isTrue();
        assertThat(new ProcessingRule(1, OrganizationPath.ROOT.child(4), 1, content(1), Rules.NOW, Rules.NOW)
                .concerns(device)).isFalse();
        assertThat(new ProcessingRule(1, OrganizationPath.ROOT, 1, content(1), Rules.NOW, Rules.NOW)
                .concerns(device)).isTrue();
    }

    @Test
    void aFilterReadsTheDevice() {
        var rule = Rules.document("{\"name\":\"r\",\"scope\":{\"filter\":\"metadata.site === 'A' && device.type "
                + "=== 'probe'\"},\"steps\":[{\"type\":\"drop\",\"metric\":\"x\"}]}");
        assertThat(rule.concerns(DeviceFacts.of(Rules.device("probe", "{\"site\":\"A\"}")))).isTrue();
        assertThat(rule.concerns(DeviceFacts.of(Rules.device("probe", "{\"site\":\"B\"}")))).isFalse();
        assertThat(rule.concerns(DeviceFacts.of(Rules.device("lamp", "{\"site\":\"A\"}")))).isFalse();
        assertThat(rule.concerns(DeviceFacts.of(Rules.device("probe", "{}")))).isFalse();
    }

    @Test
    void whatCannotBeReadAnyMoreIsLeftOutAndTheRestWorks() {
        var device = device(type);
        database.transaction(OrganizationPath.ROOT, handle -> handle.execute("""
                INSERT INTO processing_rules (organization, name, mode, version, content, created_at, updated_at)
                VALUES ('/1/', ?, 'active', 1, '{"name":"x","steps":[{"type":"of the future"}]}', now(), now())""",
                "future " + type));
        var made = here.rules.create(PLATFORM, OrganizationPath.ROOT, content(1));
        assertThat(here.processed(device)).isEqualTo("t=2.0 t:raw=1");
        here.rules.delete(PLATFORM, made.id(), OptionalLong.empty());
        database.transaction(OrganizationPath.ROOT, handle -> handle.execute(
                "DELETE FROM processing_rules WHERE name = ?", "future " + type));
    }
}
