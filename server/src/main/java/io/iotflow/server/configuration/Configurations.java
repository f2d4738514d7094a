package io.iotflow.server.configuration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/// What each device shall be set to. Every change makes a new version, which is active at once.
public final class Configurations {
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_.:/-]+");
    /// The first half of the advisory locks by which changes of one device follow one another.
    private static final int LOCK_SPACE = 0x10f1;

    private final Database database;
    private final Audit audit;
    private final InstantSource clock;
    private final List<ConfigurationChanged.Listener> listeners = new CopyOnWriteArrayList<>();

    public Configurations(Database database, Audit audit, InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
    }

    public void onChange(ConfigurationChanged.Listener listener) {
        listeners.add(listener);
    }

    /// What is active; version 0 without any entry when nothing was ever set.
    public Configuration active(OrganizationPath scope, DeviceId device) {
        return database.transaction(scope, handle -> active(handle, device));
    }

    /// Sets one key unless it has this value already.
    ///
    /// @return whether it had not
    public boolean ensure(Actor by, DeviceId device, String key, JsonNode value) {
        var type = DataType.of(value);
        var known = active(by.organization(), device).entries().path(key).path("value");
        if (known.toString().equals(type.read(value).toString())) return false;
        set(by, device, key, value, type);
        return true;
    }

    /// Sets one key. Saying the same again makes a new version too, so that the device is told again.
    Configuration set(Actor by, DeviceId device, String key, JsonNode value, DataType type) {
        checkKey("config_key", key);
        var read = type.read(value);
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var changed = database.transactionInTurn(by.organization(), device.value(), handle -> {
            lock(handle, device);
            var before = active(handle, device);
            ObjectNode entries = before.entries().deepCopy();
            entries.putObject(key).put("data_type", type.word()).put("updated_at", now.toString()).set("value", read);
            checkSize(entries);
            var next = new Configuration(device, newestVersion(handle, device) + 1, entries);
            insert(handle, next, by.toString(), now);
            audit.record(handle, by, "configuration.set", target(handle, device), document(before, key),
                    document(next, key));
            return next;
        });
        var event = new ConfigurationChanged(changed, now);
        listeners.forEach(listener -> listener.changed(event));
        return changed;
    }

    /// One key of a version, as the audit log shows it.
    private static JsonNode document(Configuration version, String key) {
        var json = Json.mapper().createObjectNode().put("version", version.version());
        var entry = version.entries().path(key);
        if (entry.isObject()) json.putObject("configuration").set(key, entry.path("value"));
        return json;
    }

    private static Audit.Target target(Handle handle, DeviceId device) {
        return handle.createQuery("SELECT name, organization FROM devices WHERE id = :device")
                .bind("device", device.value()).map((row, _) -> new Audit.Target("device", device.toString(),
                        row.getString("name"), new OrganizationPath(row.getString("organization")))).one();
    }

    /// @param field in which it stands
    /// @throws PlatformException `INVALID` for what cannot be a key
    public static void checkKey(String field, String key) {
        if (key.length() > Limits.CONFIGURATION_KEY_CHARACTERS || !KEY.matcher(key).matches()) {
            throw PlatformException.invalid(field, "must be 1 to " + Limits.CONFIGURATION_KEY_CHARACTERS
                    + " letters a to z and A to Z, digits, _ - . : or /");
        }
    }

    private static void checkSize(ObjectNode entries) {
        if (entries.size() > Limits.CONFIGURATION_KEYS) {
            throw PlatformException.invalid("config_key", "would be one more than " + Limits.CONFIGURATION_KEYS);
        }
        var text = entries.toString();
        if (text.getBytes(StandardCharsets.UTF_8).length > Limits.CONFIGURATION_BYTES) {
            throw new PlatformException(ErrorCode.TOO_LARGE, "The configuration of one device may have at most "
                    + Limits.CONFIGURATION_BYTES + " bytes.");
        }
        if (!StorableText.accepts(entries)) {
            throw PlatformException.invalid("config_value", "must not have the character 0 or broken Unicode");
        }
    }

    private static void lock(Handle handle, DeviceId device) {
        handle.createQuery("SELECT pg_advisory_xact_lock(:space, :device)::text")
                .bind("space", LOCK_SPACE).bind("device", (int) device.value()).mapTo(String.class).one();
    }

    private static Configuration active(Handle handle, DeviceId device) {
        return handle.createQuery("SELECT version, content FROM configurations WHERE device_id = :device AND active")
                .bind("device", device.value())
                .map((row, _) -> new Configuration(device, row.getLong("version"), tree(row.getString("content"))))
                .findOne().orElseGet(() -> Configuration.none(device));
    }

    private static long newestVersion(Handle handle, DeviceId device) {
        return handle.createQuery("SELECT coalesce(max(version), 0) FROM configurations WHERE device_id = :device")
                .bind("device", device.value()).mapTo(Long.class).one();
    }

    private static void insert(Handle handle, Configuration next, String author, Instant now) {
        handle.createUpdate("UPDATE configurations SET active = false WHERE device_id = :device AND active")
                .bind("device", next.device().value()).execute();
        handle.createUpdate("""
                INSERT INTO configurations (device_id, organization, version, content, author, active, created_at)
                SELECT id, organization, :version, :content::jsonb, :author, true, :now FROM devices
                WHERE id = :device""")
                .bind("device", next.device().value()).bind("version", next.version())
                .bind("content", next.entries().toString()).bind("author", author)
                .bind("now", now.atOffset(ZoneOffset.UTC)).execute();
        handle.createUpdate("DELETE FROM configurations WHERE device_id = :device AND version <= :old")
                .bind("device", next.device().value())
                .bind("old", next.version() - Limits.CONFIGURATION_VERSIONS).execute();
    }

    private static JsonNode tree(String json) {
        try {
            return Json.mapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("BUG: a configuration that is not JSON", e);
        }
    }
}
