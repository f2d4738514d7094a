package io.iotflow.server.devicetype;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.PlatformException.FieldError;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Reload;
import io.iotflow.server.device.Device;
import io.iotflow.server.encryption.SensitiveFields;
import io.iotflow.server.http.Json;
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

/// The catalogue of device types, and the only door for changing it. A device is of the nearest type that has the name
/// of its `device_type`, from its organization upwards; a name that is not in the catalogue is as good as any.
///
/// All of it is in memory. A change is in force here before its call is answered, and on other nodes within
/// milliseconds.
public final class DeviceTypes {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceTypes.class);
    private static final String CHANNEL = "device_type";

    private final Database database;
    private final SensitiveFields sensitive;
    private final RuleMaking rules;
    private final TypeConfigurations configurations;
    private final Audit audit;
    private final InstantSource clock;
    private final TypeStore store = new TypeStore();
    private final Reload reload;
    private volatile TypeBook book = TypeBook.EMPTY;

    /// What comes with the document of a type.
    ///
    /// @param rules   to be made for the type
    /// @param maySeal whether whoever saves it may say what is sensitive
    record Extras(List<ObjectNode> rules, boolean maySeal) {}

    public DeviceTypes(Database database, SensitiveFields sensitive, RuleMaking rules,
            TypeConfigurations configurations, Audit audit, InstantSource clock) {
        this.database = database;
        this.sensitive = sensitive;
        this.rules = rules;
        this.configurations = configurations;
        this.audit = audit;
        this.clock = clock;
        reload = new Reload(database, CHANNEL, this::load);
        load();
    }

    /// Empty for a device of which the catalogue knows nothing.
    public Optional<DeviceType> of(Device device) {
        return book.find(device.organization(), device.type());
    }

    /// Whether a type has steps for its devices.
    public boolean hasSteps() {
        return book.hasSteps();
    }

    /// Runs after any change that this node has taken up, on whatever thread took it up.
    public void onChange(Runnable listener) {
        reload.onChange(listener);
    }

    /// Whoever loads last has seen the latest. A type that has not changed stays the same object.
    private synchronized void load() {
        var before = book;
        var types = new ArrayList<DeviceType>();
        for (var row : database.transaction(OrganizationPath.ROOT, store::all)) {
            before.find(row.id()).filter(known -> known.version() == row.version()
                    && known.organization().equals(row.organization())).or(() -> readable(row)).ifPresent(types::add);
        }
        book = new TypeBook(types);
    }

    private static Optional<DeviceType> readable(TypeStore.Row row) {
        try {
            return Optional.of(type(row));
        } catch (PlatformException e) {
            LOG.error("event=device_type_unreadable effect=\"it is left out\" type={} cause=\"{}\"", row.id(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    private static DeviceType type(TypeStore.Row row) {
        var content = TypeContent.read(row.content());
        return new DeviceType(row.id(), row.organization(), content.name(), row.version(), content, row.createdAt(),
                row.updatedAt());
    }

    // ---- looking

    /// Those of an organization, of the ones below and of the ones above.
    Page<DeviceType> list(OrganizationPath scope, Page.Wish wish) {
        var ids = database.transaction(scope, handle -> Page.of(store.page(handle, wish), wish, id -> id));
        var now = book;
        return new Page<>(ids.items().stream().flatMap(id -> now.find(id).stream()).toList(), ids.next());
    }

    /// By its number, or by its name: the one that the caller's own devices would have, else the only one below.
    ///
    /// @throws PlatformException `NOT_FOUND`, also for what the scope does not see
    DeviceType require(OrganizationPath scope, String idOrName) {
        var now = book;
        if (idOrName.matches("[0-9]{1,18}")) {
            return now.find(Long.parseLong(idOrName)).filter(type -> scope.contains(type.organization())
                    || type.organization().contains(scope)).orElseThrow(DeviceTypes::notFound);
        }
        return now.find(scope, idOrName).or(() -> Optional.of(now.below(scope, idOrName))
                .filter(found -> found.size() == 1).map(List::getFirst)).orElseThrow(DeviceTypes::notFound);
    }

    Page<TypeStore.Version> versions(OrganizationPath scope, DeviceType type, Page.Wish wish) {
        requireOwn(scope, type);
        return database.transaction(scope, handle -> store.versions(handle, type.id(), wish));
    }

    List<RuleMaking.Named> rules(OrganizationPath scope, DeviceType type) {
        return rules.of(scope, type.name());
    }

    private static void requireOwn(OrganizationPath scope, DeviceType type) {
        if (scope.contains(type.organization())) return;
        throw new PlatformException(ErrorCode.FORBIDDEN, "The type " + type.name()
                + " belongs to an organization above; make one of the same name here to say otherwise.");
    }

    // ---- changing

    DeviceType create(Actor by, OrganizationPath organization, TypeContent content, Extras extras) {
        return changed(by, organization, handle -> {
            if (store.count(handle, organization) >= FleetLimits.DEVICE_TYPES) {
                throw new PlatformException(ErrorCode.CONFLICT, "The organization has " + FleetLimits.DEVICE_TYPES
                        + " device types; delete one that is not needed any more.");
            }
            var made = type(store.insert(handle, organization, content, by.toString(), now()));
            audit.record(handle, by, "device_type.created", made.target(), Audit.NOTHING, content.document());
            settle(handle, by, made, extras);
            return made;
        });
    }

    /// @param expected refuse unless the type still has this version
    DeviceType change(Actor by, DeviceType known, OptionalLong expected, TypeContent content, Extras extras) {
        requireOwn(by.organization(), known);
        if (!known.name().equals(content.name())) {
            throw PlatformException.invalid("name", "cannot change, because devices name it; make another type");
        }
        return changed(by, known.organization(), handle -> {
            var before = required(handle, known, expected);
            var after = type(store.update(handle, known.id(), content, by.toString(), now()));
            audit.record(handle, by, "device_type.changed", after.target(), before.content(), content.document());
            settle(handle, by, after, extras);
            return after;
        });
    }

    void delete(Actor by, DeviceType known, OptionalLong expected) {
        requireOwn(by.organization(), known);
        changed(by, known.organization(), handle -> {
            var before = required(handle, known, expected);
            store.delete(handle, known.id());
            configurations.set(handle, by, known.organization(), known.name(), Json.mapper().createObjectNode());
            audit.record(handle, by, "device_type.deleted", known.target(), before.content(), Audit.NOTHING);
            return known;
        });
    }

    private TypeStore.Row required(Handle handle, DeviceType known, OptionalLong expected) {
        var before = store.findForUpdate(handle, known.id()).orElseThrow(DeviceTypes::notFound);
        if (expected.isPresent() && expected.getAsLong() != before.version()) {
            throw new PlatformException(ErrorCode.PRECONDITION_FAILED,
                    "The type has changed since it was read; it is now at version " + before.version() + ".");
        }
        return before;
    }

    /// What comes with the type, in its transaction.
    private void settle(Handle handle, Actor by, DeviceType type, Extras extras) {
        configurations.set(handle, by, type.organization(), type.name(), type.defaultConfiguration());
        var sealed = sensitive.include(handle, by, type.organization(), type.content().sensitive());
        if (!sealed.isEmpty() && !extras.maySeal) {
            throw new PlatformException(ErrorCode.FORBIDDEN, "To make " + String.join(", ", sealed)
                    + " sensitive needs the permission encryption:write.");
        }
        for (var i = 0; i < extras.rules.size(); i++) {
            var document = extras.rules.get(i);
            document.withObject("/scope").putArray("device_types").add(type.name());
            try {
                rules.create(handle, by, type.organization(), document);
            } catch (PlatformException e) {
                throw at("rules[" + i + "]", e);
            }
        }
    }

    /// A refusal of a rule, with the fields as they stand in the type.
    private static PlatformException at(String path, PlatformException refusal) {
        return new PlatformException(refusal.code(), path + ": " + refusal.getMessage(), refusal.errors().stream()
                .map(error -> new FieldError(path + "." + error.field(), error.detail(), error.place())).toList());
    }

    private DeviceType changed(Actor by, OrganizationPath turn, HandleCallback<DeviceType, RuntimeException> change) {
        DeviceType changed;
        try {
            changed = database.transactionInTurn(by.organization(), turn.id(), handle -> {
                var it = change.withHandle(handle);
                database.notifications().publish(handle, CHANNEL, Long.toString(it.id()));
                return it;
            });
        } catch (RuntimeException e) {
            if (!Database.isDuplicate(e)) throw e;
            throw new PlatformException(ErrorCode.NAME_TAKEN,
                    "The organization has a device type, or one of its rules, of this name already.");
        }
        sensitive.taken();
        rules.taken();
        reload.now();
        return book.find(changed.id()).orElse(changed);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static PlatformException notFound() {
        return PlatformException.notFound("such device type");
    }
}
