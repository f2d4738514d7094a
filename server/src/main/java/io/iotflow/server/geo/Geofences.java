package io.iotflow.server.geo;

import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Reload;
import io.iotflow.server.http.Page;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The geofences, and the only door for changing one. Every node has all of them in its memory and takes up a change
/// within milliseconds.
public final class Geofences {
    private static final Logger LOG = LoggerFactory.getLogger(Geofences.class);
    private static final String CHANNEL = "geofence";
    /// How many rules or geofences a refusal names.
    private static final int NAMED = 20;

    private final Database database;
    private final Audit audit;
    private final InstantSource clock;
    private final GeofenceStore store = new GeofenceStore();
    private final Reload reload;
    private volatile Usage usage = (_, _) -> List.of();
    private volatile GeofenceBook book = GeofenceBook.EMPTY;

    /// What geofences there are for an organization: its own and those of the organizations above. The nearest of a
    /// name is meant.
    public interface Known {
        Optional<Geofence> find(OrganizationPath organization, String name);

        /// In their order; each once.
        List<String> names(OrganizationPath organization);
    }

    /// Who would miss a geofence.
    @FunctionalInterface
    public interface Usage {
        /// @return the names of rules that mean this one
        List<String> of(Handle handle, Geofence geofence);
    }

    public Geofences(Database database, Audit audit, InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
        reload = new Reload(database, CHANNEL, this::load);
        load();
    }

    /// As of now, from memory.
    public Known known() {
        return book;
    }

    /// As the transaction sees them. Those that are found keep their names until it ends.
    public Known known(Handle handle) {
        return new Known() {
            @Override
            public Optional<Geofence> find(OrganizationPath organization, String name) {
                store.keepNames(handle);
                return store.find(handle, organization, name);
            }

            @Override
            public List<String> names(OrganizationPath organization) {
                return store.names(handle, organization);
            }
        };
    }

    /// Whom to ask before a geofence goes or gets another name.
    public void usedBy(Usage those) {
        usage = those;
    }

    /// Runs after any change that this node has taken up, on whatever thread took it up.
    public void onChange(Runnable listener) {
        reload.onChange(listener);
    }

    /// Whoever loads last has seen the latest. Shapes that are known already are not read again.
    private synchronized void load() {
        var before = book;
        book = database.transaction(OrganizationPath.ROOT, handle -> {
            var kept = new ArrayList<Geofence>();
            var others = new ArrayList<Long>();
            for (var mark : store.marks(handle)) {
                before.find(mark.id()).filter(it -> it.revision() == mark.revision()
                        && it.organization().equals(mark.organization()))
                        .ifPresentOrElse(kept::add, () -> others.add(mark.id()));
            }
            if (!others.isEmpty()) kept.addAll(store.of(handle, others));
            return new GeofenceBook(kept);
        });
    }

    Page<Geofence> list(OrganizationPath scope, Page.Wish wish) {
        return database.transaction(scope, handle -> Page.of(store.list(handle, wish), wish, Geofence::id));
    }

    /// @throws PlatformException `NOT_FOUND`, also for what lies outside the scope
    Geofence require(OrganizationPath scope, long id) {
        return database.transaction(scope, handle -> store.find(handle, id, false))
                .orElseThrow(Geofences::notFound);
    }

    Geofence create(Actor by, OrganizationPath organization, String name, Area area) {
        return changed(by, organization, handle -> {
            if (store.count(handle, organization) >= Limits.GEOFENCES) {
                throw new PlatformException(ErrorCode.CONFLICT, "The organization has " + Limits.GEOFENCES
                        + " geofences; delete one that is not needed any more.");
            }
            var made = store.insert(handle, organization, name, area, now());
            audit.record(handle, by, "geofence.created", made.target(), Audit.NOTHING, made.document());
            return made;
        });
    }

    /// @param expected refuse unless the geofence still has this revision
    Geofence change(Actor by, long id, OptionalLong expected, String name, Area area) {
        return changed(by, by.organization(), handle -> {
            var before = required(handle, id, expected);
            if (!before.name().equals(name)) refuseIfUsed(handle, before, "gets another name");
            var after = store.update(handle, id, name, area, now());
            audit.record(handle, by, "geofence.changed", after.target(), before.document(), after.document());
            return after;
        });
    }

    void delete(Actor by, long id, OptionalLong expected) {
        changed(by, by.organization(), handle -> {
            var gone = required(handle, id, expected);
            refuseIfUsed(handle, gone, "goes");
            store.delete(handle, id);
            audit.record(handle, by, "geofence.deleted", gone.target(), gone.document(), Audit.NOTHING);
            return gone;
        });
    }

    private Geofence required(Handle handle, long id, OptionalLong expected) {
        var geofence = store.find(handle, id, true).orElseThrow(Geofences::notFound);
        if (expected.isPresent() && expected.getAsLong() != geofence.revision()) {
            throw new PlatformException(ErrorCode.PRECONDITION_FAILED, "The geofence has changed since it was read.");
        }
        return geofence;
    }

    private void refuseIfUsed(Handle handle, Geofence geofence, String what) {
        store.holdOffRules(handle);
        var rules = usage.of(handle, geofence);
        if (rules.isEmpty()) return;
        throw new PlatformException(ErrorCode.CONFLICT, "Rules name this geofence: " + some(rules)
                + ". Change or delete them before it " + what + ".");
    }

    /// Names in a sentence.
    public static String some(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(NAMED, names.size())))
                + (names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "");
    }

    private Geofence changed(Actor by, OrganizationPath turn, HandleCallback<Geofence, RuntimeException> change) {
        Geofence changed;
        try {
            changed = database.transactionInTurn(by.organization(), turn.id(), handle -> {
                var it = change.withHandle(handle);
                database.notifications().publish(handle, CHANNEL, Long.toString(it.id()));
                return it;
            });
        } catch (RuntimeException e) {
            if (!Database.isDuplicate(e)) throw e;
            throw new PlatformException(ErrorCode.NAME_TAKEN, "Another geofence of the organization has this name.");
        }
        reload.now();
        return changed;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static PlatformException notFound() {
        return PlatformException.notFound("such geofence");
    }
}
