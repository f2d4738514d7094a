package io.iotflow.server.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.protocol.Measurement;
import io.iotflow.protocol.Value;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Which values are sealed, and where they open.
class SealedTelemetryTest {
    private static final DeviceId DEVICE = new DeviceId(7);
    private static final long TIME = 1_767_225_600_000_000L;

    private final Database database = SharedDatabase.open();
    private final KeyRing keyRing = SharedDatabase.keyRing();
    private final InstantSource clock = InstantSource.system();
    private final SensitiveFields fields =
            new SensitiveFields(database, keyRing, new Audit(database, clock), clock);
    private final SealedTelemetry telemetry = new SealedTelemetry(fields, keyRing);

    private OrganizationPath organization(OrganizationPath parent) {
        return database.transaction(OrganizationPath.ROOT, handle -> {
            var id = handle.createQuery("SELECT nextval(pg_get_serial_sequence('organizations', 'id'))")
                    .mapTo(Long.class).one();
            handle.createUpdate("""
                    INSERT INTO organizations (id, path, parent, name, created_at) OVERRIDING SYSTEM VALUE
                    VALUES (:id, :path, :parent, 'sealed ' || :id, now())""").bind("id", id)
                    .bind("path", parent.child(id).text()).bind("parent", parent.text()).execute();
            return parent.child(id);
        });
    }

    private OrganizationPath sensitive(String... metrics) {
        var organization = organization(OrganizationPath.ROOT);
        fields.name(Actor.PLATFORM, organization, SensitiveNames.checked(List.of(metrics), List.of()));
        return organization;
    }

    private Value sealed(OrganizationPath organization, String metric, Value value) {
        return telemetry.seal(organization, DEVICE, List.of(new Measurement(metric, TIME, value)), Map.of()).getFirst()
                .value();
    }

    private Optional<Value> opened(Value value) {
        return telemetry.open(DEVICE, "pulse", TIME, (Value.Sealed) value);
    }

    @Test
    void everyValueComesBackAsItWas() {
        var ours = sensitive("pulse");
        for (var value : List.of(new Value.Whole(Long.MIN_VALUE), new Value.Real(-0.1), new Value.Real(5),
                new Value.Flag(true), new Value.Flag(false), new Value.Text(""), new Value.Text("düz \uD83D\uDE00"))) {
            var sealed = sealed(ours, "pulse", value);
            assertThat(sealed).isInstanceOf(Value.Sealed.class);
            assertThat(sealed.type()).isEqualTo(value.type());
            assertThat(opened(sealed)).contains(value);
        }
    }

    @Test
    void onlyWhatIsNamedIsSealedHereAndBelow() {
        var ours = sensitive("pulse", "location.*");
        var below = organization(ours);
        var value = new Value.Real(1);
        for (var organization : List.of(ours, below)) {
            for (var name : List.of("pulse", "location.lat", "location.")) {
                assertThat(sealed(organization, name, value)).as(name).isInstanceOf(Value.Sealed.class);
            }
            for (var name : List.of("pulse2", "location", "locations.lat", "Pulse")) {
                assertThat(sealed(organization, name, value)).as(name).isEqualTo(value);
            }
        }
        assertThat(sealed(organization(OrganizationPath.ROOT), "pulse", value)).as("a sister's").isEqualTo(value);
        fields.name(Actor.PLATFORM, below, SensitiveNames.checked(List.of("steps"), List.of()));
        assertThat(sealed(below, "pulse", value)).as("below nobody names less").isInstanceOf(Value.Sealed.class);
        assertThat(sealed(below, "steps", value)).isInstanceOf(Value.Sealed.class);
        assertThat(sealed(ours, "steps", value)).isEqualTo(value);
        var all = sensitive("*");
        assertThat(sealed(all, "anything", value)).isInstanceOf(Value.Sealed.class);
    }

    @Test
    void aMessageWithoutAnySensitiveMetricIsTheSameList() {
        var measurements = List.of(new Measurement("steps", TIME, new Value.Whole(1)));
        assertThat(telemetry.seal(sensitive("pulse"), DEVICE, measurements, Map.of())).isSameAs(measurements);
        assertThat(telemetry.seal(organization(OrganizationPath.ROOT), DEVICE, measurements, Map.of()))
                .isSameAs(measurements);
    }

    @Test
    void whatRulesMakeOfSomethingSensitiveIsSensitive() {
        var ours = sensitive("pulse");
        var value = new Value.Real(1);
        for (var name : List.of("pulse:raw", "pulse:quality", "payload:raw")) {
            assertThat(sealed(ours, name, value)).as(name).isInstanceOf(Value.Sealed.class);
        }
        for (var name : List.of("steps:raw", "payload", "raw")) {
            assertThat(sealed(ours, name, value)).as(name).isEqualTo(value);
        }
        assertThat(sealed(sensitive(), "payload:raw", value)).isEqualTo(value);
        var made = List.of(new Measurement("copy:raw", TIME, value), new Measurement("steps", TIME, value));
        assertThat(telemetry.seal(ours, DEVICE, made, Map.of("copy", Set.of("pulse"))))
                .extracting(measurement -> measurement.value() instanceof Value.Sealed).containsExactly(true, false);
        assertThat(telemetry.seal(ours, DEVICE, made, Map.of("*", Set.of("pulse"))))
                .extracting(measurement -> measurement.value() instanceof Value.Sealed).containsExactly(true, true);
        assertThat(telemetry.seal(ours, DEVICE, made, Map.of("*", Set.of("data")))).isSameAs(made);
        assertThat(telemetry.isAnySensitive(ours, List.of(new Measurement("pulse", TIME, value)))).isTrue();
        assertThat(telemetry.isAnySensitive(ours, made)).isFalse();
    }

    @Test
    void aValueThatWasMovedOrChangedDoesNotOpen() {
        var sealed = (Value.Sealed) sealed(sensitive("pulse"), "pulse", new Value.Real(61));
        assertThat(telemetry.open(new DeviceId(8), "pulse", TIME, sealed)).as("device").isEmpty();
        assertThat(telemetry.open(DEVICE, "pulsf", TIME, sealed)).as("metric").isEmpty();
        assertThat(telemetry.open(DEVICE, "pulse", TIME + 1, sealed)).as("time").isEmpty();
        assertThat(opened(new Value.Sealed(Value.Type.TEXT, sealed.envelope()))).as("type").isEmpty();
        for (var envelope : List.of("", "AQ==", "not Base64!", sealed.envelope().replaceFirst("^AQ", "AA"),
                sealed.envelope().substring(0, 40), sealed.envelope() + "AAAA")) {
            assertThat(opened(new Value.Sealed(Value.Type.NUMBER, envelope))).as(envelope).isEmpty();
        }
        assertThat(opened(sealed)).isPresent();
    }

    @Test
    void aKeyThatWasChangedInTheDatabaseOpensNothingAndHarmsNoOther() {
        var ours = sensitive("pulse");
        var sealed = sealed(ours, "pulse", new Value.Real(61));
        database.transaction(OrganizationPath.ROOT, handle -> handle.createUpdate("""
                UPDATE encryption_keys SET wrapped = sha256(wrapped) WHERE organization = :ours""")
                .bind("ours", ours.text()).execute());
        keyRing.forget();
        assertThat(opened(sealed)).isEmpty();
        var others = sensitive("pulse"); // what is known is read anew
        assertThat(sealed(others, "pulse", new Value.Real(61))).isInstanceOf(Value.Sealed.class);
        assertThatThrownBy(() -> sealed(ours, "pulse", new Value.Real(61))).isInstanceOf(KeyDamaged.class)
                .hasMessageContaining("backup");
        fields.destroy(Actor.PLATFORM, ours);
        assertThat(sealed(ours, "pulse", new Value.Real(61))).isInstanceOf(Value.Sealed.class);
    }

    @Test
    void rotatedKeysOpenAndDestroyedOnesDoNot() {
        var ours = sensitive("pulse");
        var theirs = sensitive("pulse");
        var first = sealed(ours, "pulse", new Value.Real(1));
        var other = sealed(theirs, "pulse", new Value.Real(9));
        assertThat(fields.rotate(Actor.PLATFORM, ours).keys()).hasSize(2);
        var second = sealed(ours, "pulse", new Value.Real(2));
        assertThat(opened(first)).contains(new Value.Real(1));
        assertThat(opened(second)).contains(new Value.Real(2));
        assertThat(fields.destroy(Actor.PLATFORM, ours)).containsExactly(1, 2);
        assertThat(opened(first)).isEmpty();
        assertThat(opened(second)).isEmpty();
        assertThat(opened(other)).as("a sister's").contains(new Value.Real(9));
        assertThat(opened(sealed(ours, "pulse", new Value.Real(3)))).contains(new Value.Real(3));
        assertThat(fields.state(ours).keys()).extracting(KeyStore.Version::version).containsExactly(3, 2, 1);
        var kept = database.transaction(OrganizationPath.ROOT, handle -> handle.createQuery("""
                SELECT count(*) FROM encryption_keys WHERE organization = :ours AND wrapped IS NOT NULL""")
                .bind("ours", ours.text()).mapTo(Long.class).one());
        assertThat(kept).isEqualTo(1);
    }

    @Test
    void theKeysOfAnOrganizationGoWithIt() {
        var ours = sensitive("pulse");
        var sealed = sealed(ours, "pulse", new Value.Real(1));
        assertThat(opened(sealed)).isPresent();
        database.transaction(OrganizationPath.ROOT, handle -> {
            keyRing.destroy(handle, ours);
            return handle.createUpdate("DELETE FROM organizations WHERE path = :ours").bind("ours", ours.text())
                    .execute();
        });
        keyRing.forget();
        assertThat(opened(sealed)).isEmpty();
    }

    @Test
    void anotherNodeHearsOfChanges() {
        var elsewhere = new SealedTelemetry(
                new SensitiveFields(database, keyRing, new Audit(database, clock), clock), keyRing);
        var ours = sensitive("pulse");
        var measurements = List.of(new Measurement("pulse", TIME, new Value.Whole(1)));
        io.iotflow.server.TestPlatform.await("the other node to seal", () ->
                elsewhere.seal(ours, DEVICE, measurements, Map.of()) != measurements);
        fields.name(Actor.PLATFORM, ours, SensitiveNames.NONE);
        io.iotflow.server.TestPlatform.await("the other node to seal no more", () ->
                elsewhere.seal(ours, DEVICE, measurements, Map.of()) == measurements);
    }

    @Test
    void namesThatNothingCanHaveAreRefused() {
        for (var name : List.of("", "a b", "a*b", "**", "ü", "x".repeat(200))) {
            assertThatThrownBy(() -> SensitiveNames.checked(List.of(name), List.of())).as(name)
                    .isInstanceOf(PlatformException.class).hasMessageContaining("metrics");
        }
        var many = Collections.nCopies(Limits.SENSITIVE_NAMES + 1, "pulse");
        assertThatThrownBy(() -> SensitiveNames.checked(many, null)).isInstanceOf(PlatformException.class)
                .hasMessageContaining("metrics");
        assertThatThrownBy(() -> SensitiveNames.checked(List.of(), List.of("a\0")))
                .isInstanceOf(PlatformException.class).hasMessageContaining("metadata");
    }

    /// Not a bound, which would depend on the machine; what it prints stands in the decision.
    @Test
    void costsLittle() {
        var ours = sensitive("pulse", "location.*");
        var theirs = organization(OrganizationPath.ROOT);
        var steps = List.of(new Measurement("steps", TIME, new Value.Whole(1)),
                new Measurement("temperature", TIME, new Value.Real(36.6)),
                new Measurement("battery", TIME, new Value.Whole(80)));
        var pulse = List.of(new Measurement("pulse", TIME, new Value.Real(61)), steps.get(1), steps.get(2));
        for (var round = 0; round < 3; round++) {
            var messages = 100_000;
            var nothing = System.nanoTime();
            for (var n = 0; n < messages; n++) telemetry.seal(theirs, DEVICE, steps, Map.of());
            var none = System.nanoTime();
            for (var n = 0; n < messages; n++) telemetry.seal(ours, DEVICE, steps, Map.of());
            var one = System.nanoTime();
            for (var n = 0; n < messages; n++) telemetry.seal(ours, DEVICE, pulse, Map.of());
            var open = System.nanoTime();
            var sealed = (Value.Sealed) sealed(ours, "pulse", new Value.Real(61));
            for (var n = 0; n < messages; n++) assertThat(opened(sealed).isPresent()).isTrue();
            var end = System.nanoTime();
            System.out.printf("sealing: %.0f ns a message of an organization that names nothing, %.0f ns without a"
                    + " sensitive metric, %.0f ns with one; opening %.0f ns%n", (double) (none - nothing) / messages,
                    (double) (one - none) / messages, (double) (open - one) / messages,
                    (double) (end - open) / messages);
        }
    }
}
