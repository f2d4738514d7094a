package io.iotflow.server.notification;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.Severity;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.SharedDatabase;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/// Channels and an outbox on the shared database, which may be stopped and started again.
final class TestOutbox implements AutoCloseable {
    private static final AtomicLong NUMBERS = new AtomicLong(System.nanoTime());
    static final InstantSource CLOCK = InstantSource.system();

    final Database database = SharedDatabase.open();
    final Channels channels = new Channels(database, SharedDatabase.keyRing(), new Audit(database, CLOCK), CLOCK);
    final Notices notices = new Notices(database, CLOCK);
    /// What was published on the broker: topic and text.
    final List<String> published = new CopyOnWriteArrayList<>();
    private final boolean mayGoAnywhere;
    private final Optional<Path> authorities;
    private Outbox outbox;
    private final long device;

    private TestOutbox(boolean mayGoAnywhere, Optional<Path> authorities, boolean fresh) {
        this.mayGoAnywhere = mayGoAnywhere;
        this.authorities = authorities;
        device = database.transaction(OrganizationPath.ROOT, handle -> {
            if (fresh) handle.execute("DELETE FROM deliveries");
            return handle.createQuery("""
                    INSERT INTO devices (organization, name, device_type, status, created_at, updated_at)
                    VALUES ('/1/', :name, 'pump', 'active', now(), now()) RETURNING id""")
                    .bind("name", "pump-" + NUMBERS.incrementAndGet()).mapTo(Long.class).one();
        });
        start();
    }

    /// Receivers may be on this machine.
    static TestOutbox open() {
        return new TestOutbox(true, Optional.empty(), true);
    }

    static TestOutbox cautious() {
        return new TestOutbox(false, Optional.empty(), true);
    }

    /// @param authorities whom it trusts, in PEM
    static TestOutbox trusting(Path authorities) {
        return new TestOutbox(true, Optional.of(authorities), true);
    }

    /// One more node on the same database.
    static TestOutbox joining() {
        return new TestOutbox(true, Optional.empty(), false);
    }

    void start() {
        outbox = new Outbox(database, channels, notices, new NotificationConfig(mayGoAnywhere, 32, authorities),
                (topic, payload) -> published.add(topic + " " + new String(payload, UTF_8)), CLOCK);
    }

    void stop() {
        outbox.close();
    }

    Outbox outbox() {
        return outbox;
    }

    Channel channel(String kind, String settings) {
        return channels.create(Actor.PLATFORM, OrganizationPath.ROOT, "channel-" + NUMBERS.incrementAndGet(), kind,
                (ObjectNode) json(settings));
    }

    Channel webhook(String url) {
        return channel("webhook", "{\"url\":\"" + url + "\"}");
    }

    /// One alert of a rule of its own.
    Story story(String policy) {
        return new Story(NUMBERS.incrementAndGet(), NUMBERS.incrementAndGet(), policy, Severity.MAJOR);
    }

    final class Story {
        final long alert;
        final long rule;
        final String policy;
        final Severity severity;

        private Story(long alert, long rule, String policy, Severity severity) {
            this.alert = alert;
            this.rule = rule;
            this.policy = policy;
            this.severity = severity;
        }

        Story begins() {
            return tell(Notice.Kind.BEGUN);
        }

        Story isAcknowledged() {
            return tell(Notice.Kind.ACKNOWLEDGED);
        }

        Story isResolved() {
            return tell(Notice.Kind.RESOLVED);
        }

        /// The next alert of the same rule and device.
        Story next() {
            return new Story(NUMBERS.incrementAndGet(), rule, policy, severity);
        }

        Story tell(Notice.Kind kind) {
            database.transaction(OrganizationPath.ROOT, handle -> {
                notices.tell(handle, notice(kind));
                return null;
            });
            return this;
        }

        Notice notice(Notice.Kind kind) {
            var began = Instant.parse("2026-03-01T10:00:00Z");
            return new Notice(kind, alert, OrganizationPath.ROOT, rule, 2, "Too hot", new DeviceId(device), "pump <1>",
                    "", severity, "pump has 31 °C & rising", began,
                    kind == Notice.Kind.RESOLVED ? Optional.of(began.plusSeconds(60)) : Optional.empty(), 1,
                    json("{\"temperature\":31}"), json(policy));
        }

        /// What became of it, in the order in which it was written down: `begun 0 delivered`.
        List<String> outcome() {
            var lines = new ArrayList<String>();
            deliveries().reversed().forEach(it -> lines.add(it.event() + " " + it.step() + " " + it.state()));
            return lines;
        }

        List<Delivery> deliveries() {
            return outbox.list(OrganizationPath.ROOT, new DeliveryStore.Filter(alert, null, null),
                    new Page.Wish(0, 100)).items();
        }
    }

    static com.fasterxml.jackson.databind.JsonNode json(String text) {
        try {
            return Json.mapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        outbox.close();
    }
}
