package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.encryption.KeyRing;
import io.iotflow.server.http.Page;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/// The channels, and the only door for changing them. Their secrets are sealed in the database and never shown.
public final class Channels {
    private static final String SEALED_AS = "channel";

    private final Database database;
    private final KeyRing keys;
    private final Audit audit;
    private final InstantSource clock;
    private final ChannelStore store = new ChannelStore();

    public Channels(Database database, KeyRing keys, Audit audit, InstantSource clock) {
        this.database = database;
        this.keys = keys;
        this.audit = audit;
        this.clock = clock;
    }

    Page<Channel> list(OrganizationPath scope, Page.Wish wish) {
        return database.transaction(scope, handle -> Page.of(store.list(handle, wish), wish, Channel::id));
    }

    /// @throws PlatformException `NOT_FOUND`, also for what lies outside the scope
    Channel require(OrganizationPath scope, long id) {
        return find(scope, id).orElseThrow(Channels::notFound);
    }

    Optional<Channel> find(OrganizationPath scope, long id) {
        return database.transaction(scope, handle -> store.find(handle, id, false));
    }

    Channel create(Actor by, OrganizationPath organization, String name, String kind, ObjectNode settings) {
        ChannelSettings.of(kind, settings);
        return changed(by, organization, name, handle -> {
            if (store.count(handle, organization) >= Limits.CHANNELS) {
                throw new PlatformException(ErrorCode.CONFLICT, "The organization has " + Limits.CHANNELS
                        + " channels; delete one that is not needed any more.");
            }
            var id = store.nextId(handle);
            var made = store.insert(handle, channel(id, organization, name, kind, settings, now()));
            audit.record(handle, by, "channel.created", made.target(), Audit.NOTHING, made.document());
            return made;
        });
    }

    /// Secrets that are left out or null stay, unless the channel would then show them to somebody else.
    ///
    /// @param expected the revision that the change is based on
    Channel change(Actor by, long id, OptionalLong expected, String name, Optional<String> kind, ObjectNode settings) {
        return changed(by, by.organization(), name, handle -> {
            var before = required(handle, id, expected);
            if (kind.isPresent() && !kind.get().equals(before.kind())) {
                throw PlatformException.invalid("kind", "cannot change; make another channel");
            }
            var merged = withKeptSecrets(before, settings);
            ChannelSettings.of(before.kind(), merged);
            var after = store.update(handle, channel(id, before.organization(), name, before.kind(), merged, now()));
            audit.record(handle, by, "channel.changed", after.target(), before.document(), after.document());
            return after;
        });
    }

    private ObjectNode withKeptSecrets(Channel before, ObjectNode settings) {
        var merged = settings.deepCopy();
        var places = ChannelSettings.places(before.kind());
        var moved = places.stream().filter(place -> !before.content().path(place).equals(merged.path(place)))
                .sorted().findFirst();
        for (var secret : secrets(before).properties()) {
            var given = merged.path(secret.getKey());
            if (!given.isMissingNode() && !given.isNull()) continue;
            if (moved.isPresent()) {
                throw PlatformException.invalid("settings." + secret.getKey(), "must be given again when settings."
                        + moved.get() + " changes, so that it is shown to nobody else; empty removes it");
            }
            merged.set(secret.getKey(), secret.getValue());
        }
        return merged;
    }

    void remove(Actor by, long id, OptionalLong expected) {
        database.transaction(by.organization(), handle -> {
            var gone = required(handle, id, expected);
            store.delete(handle, id);
            audit.record(handle, by, "channel.deleted", gone.target(), gone.document(), Audit.NOTHING);
            return null;
        });
    }

    void recordTest(Actor by, Channel channel, Outcome outcome) {
        audit.record(by, "channel.tested", channel.target(), Audit.NOTHING,
                JsonNodeFactory.instance.objectNode().put("outcome", outcome.word()).put("status", outcome.status()));
    }

    /// With its secrets.
    ///
    /// @throws IllegalStateException when they do not open, or are not what this version keeps
    ChannelSettings settings(Channel channel) {
        var all = channel.content().deepCopy();
        all.setAll(secrets(channel));
        return ChannelSettings.of(channel.kind(), all);
    }

    private ObjectNode secrets(Channel channel) {
        if (channel.sealed().isEmpty()) return JsonNodeFactory.instance.objectNode();
        var opened = keys.open(SEALED_AS, Long.toString(channel.id()), channel.sealed().get())
                .orElseThrow(() -> new IllegalStateException("the secrets of channel " + channel.id()
                        + " do not open: they were changed in the database, or sealed with another master key"));
        return ChannelStore.object(new String(opened, StandardCharsets.UTF_8));
    }

    private Channel channel(long id, OrganizationPath organization, String name, String kind, ObjectNode settings,
            Instant now) {
        var secrets = ChannelSettings.part(kind, settings, true);
        var sealed = secrets.isEmpty() ? Optional.<byte[]>empty() : Optional.of(keys.seal(SEALED_AS,
                Long.toString(id), secrets.toString().getBytes(StandardCharsets.UTF_8)));
        return new Channel(id, organization, name, kind, ChannelSettings.part(kind, settings, false), sealed, 0, now,
                now);
    }

    private Channel required(Handle handle, long id, OptionalLong expected) {
        var channel = store.find(handle, id, true).orElseThrow(Channels::notFound);
        if (expected.isPresent() && expected.getAsLong() != channel.revision()) {
            throw new PlatformException(ErrorCode.PRECONDITION_FAILED, "The channel has changed since it was read.");
        }
        return channel;
    }

    private Channel changed(Actor by, OrganizationPath turn, String name, Function<Handle, Channel> change) {
        try {
            return database.transactionInTurn(by.organization(), turn.id(), change::apply);
        } catch (JdbiException e) {
            if (!Database.isDuplicate(e)) throw e;
            throw new PlatformException(ErrorCode.NAME_TAKEN, "There is a channel named " + name + " already.");
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static PlatformException notFound() {
        return PlatformException.notFound("such channel");
    }
}
