package io.iotflow.server.processing;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.iotflow.protocol.Value;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Notifications;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceFacts;
import io.iotflow.server.device.DeviceGroup;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.http.Page;
import io.iotflow.server.ingest.Processing;
import io.iotflow.server.processing.ProcessingStore.Row;
import io.iotflow.server.telemetry.SeriesCatalogue;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All processing rules, and the only door for changing one. What a device's messages go through is in memory: one
/// look, and not even that while no rule is on.
///
/// A change is in force here before its call is answered, and on other nodes within milliseconds. A plan is made anew
/// when its device's next message comes, of what is in memory; when the device itself has changed, on a thread of its
/// own, and the old plan serves until then.
public final class ProcessingRules implements Processing, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessingRules.class);
    private static final String CHANNEL = "processing";
    private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

    private final Database database;
    private final DeviceRegistry devices;
    private final SeriesGuard guard;
    private final DeviceSteps own;
    private final Audit audit;
    private final InstantSource clock;
    private final ProcessingStore store = new ProcessingStore();
    private final LongAdder faults = new LongAdder();
    private final CountDownLatch closing = new CountDownLatch(1);
    /// Whether a reload will begin that sees all changes up to now.
    private final AtomicBoolean isAsked = new AtomicBoolean();
    /// Versions of which it was said already that they cannot be read; under this object's lock.
    private final Set<String> unreadable = new HashSet<>();
    private final Cache<DeviceId, DevicePlan> plans =
            Caffeine.newBuilder().maximumSize(Limits.PROCESSING_PLANS).build();
    private volatile DeviceFacts.Around around = DeviceFacts.Around.NOTHING;
    private volatile ActiveRules current = ActiveRules.NONE;

    /// @param guard what of a rule's results may be written
    /// @param own   what devices have of themselves
    ProcessingRules(Database database, DeviceRegistry devices, SeriesGuard guard, DeviceSteps own, Audit audit,
            InstantSource clock) {
        this.database = database;
        this.devices = devices;
        this.guard = guard;
        this.own = own;
        this.audit = audit;
        this.clock = clock;
        reload();
        database.notifications().subscribe(CHANNEL, new Notifications.Listener() {
            @Override
            public void received(String payload) {
                askForReload();
            }

            @Override
            public void missed() {
                askForReload();
            }
        });
        devices.onChange(id -> {
            if (plans.getIfPresent(id) != null) Thread.startVirtualThread(() -> refresh(id));
        });
        devices.onMissed(() -> Thread.startVirtualThread(() -> List.copyOf(plans.asMap().keySet())
                .forEach(this::refresh)));
    }

    public ProcessingRules(Database database, DeviceRegistry devices,
            SeriesCatalogue series, DeviceSteps own, Audit audit, InstantSource clock) {
        this(database, devices, SeriesGuard.of(series), own, audit, clock);
    }

    // ---- what messages go through

    @Override
    public Plan of(DeviceId id) {
        var rules = current;
        if (rules.rules().isEmpty() && own.isEmpty()) return null;
        var plan = plans.getIfPresent(id);
        if (plan == null || !plan.isOf(rules)) plan = planned(id, plan, rules);
        return plan == null || plan.isEmpty() ? null : plan;
    }

    private DevicePlan planned(DeviceId id, DevicePlan before, ActiveRules rules) {
        var device = before == null ? devices.find(id).orElse(null) : before.device();
        if (device == null) return null;
        var plan = plans.asMap().merge(id, planned(rules, device),
                (there, made) -> there.device().revision() > made.device().revision()
                        ? planned(rules, there.device()) : there.isOf(rules) ? there : made);
        // A change between the look and the plan has found no plan that it could have made anew.
        if (plan.isWith(own.of(plan.device()))
                && (before != null || devices.find(id).filter(now -> isSame(now, plan.device())).isPresent())) {
            return plan;
        }
        refresh(id);
        return plans.getIfPresent(id);
    }

    private DevicePlan planned(ActiveRules rules, Device device) {
        return DevicePlan.of(rules, own.of(device), facts(device), guard);
    }

    /// What a device has of itself has changed: it is in force when this returns.
    public void changed(DeviceId id) {
        refresh(id);
    }

    /// The same for any number of devices.
    public synchronized void changedAll() {
        current = new ActiveRules(current.rules());
    }

    /// What is done, as of now, with the values of one metric of a device.
    ///
    /// @throws PlatformException `CONFLICT` when that cannot be repeated over what is stored
    public Repetition repetition(Device device, String metric) {
        var repetition = Repetition.of(planned(current, device), metric);
        if (guard.admits(device.id(), metric + Work.RAW, Value.Type.NUMBER)
                && guard.admits(device.id(), metric + Work.QUALITY, Value.Type.TEXT)) return repetition;
        throw new PlatformException(ErrorCode.CONFLICT, "What was sent, or the quality, cannot be kept beside " + metric
                + Work.NOT_ADMITTED + ".");
    }

    /// The device has changed: what is known of it is read again.
    private void refresh(DeviceId id) {
        try {
            var device = devices.find(id).orElse(null);
            plans.asMap().computeIfPresent(id, (_, there) -> device == null ? null
                    : device.revision() < there.device().revision()
                            || isSame(device, there.device()) && there.isWith(own.of(device)) ? there
                    : planned(current, device));
        } catch (PlatformException _) {
            plans.invalidate(id); // The next message asks, and is put off while there is no answer.
        }
    }

    DeviceFacts facts(Device device) {
        return DeviceFacts.of(device, around);
    }

    /// Lets scopes know of more than the devices' records.
    public void knowAround(DeviceFacts.Around known) {
        around = known;
    }

    /// The device is in other groups now. Any thread may say so.
    public void groupsChanged(DeviceId id) {
        plans.asMap().computeIfPresent(id, (_, there) -> planned(current, there.device()));
    }

    private static boolean isSame(Device one, Device other) {
        return one.revision() == other.revision() && one.organization().equals(other.organization());
    }

    /// Faults of all rules since this start.
    public long faults() {
        return faults.sum();
    }

    /// Rules that are on.
    public int active() {
        return current.rules().size();
    }

    Faults faultsOf(long id) {
        return current.faultsOf(id);
    }

    // ---- keeping up

    private synchronized void reload() {
        var rows = database.transaction(OrganizationPath.ROOT, store::active);
        var rules = new ArrayList<ProcessingRule>(rows.size());
        for (var row : rows) {
            try {
                rules.add(new ProcessingRule(row.id(), row.organization(), row.version(),
                        RuleDocument.read(row.content()), row.createdAt(), row.updatedAt()));
            } catch (PlatformException e) {
                if (unreadable.add(row.id() + "/" + row.version())) {
                    LOG.error("event=processing_rule_unreadable rule={} effect=\"it is left out\" cause=\"{}\"",
                            row.id(), e.getMessage());
                }
            }
        }
        current = current.next(rules, faults);
    }

    private void askForReload() {
        if (isAsked.compareAndSet(false, true)) {
            Thread.ofVirtual().name("processing-reload").start(this::reloadUntilDone);
        }
    }

    private void reloadUntilDone() {
        try {
            do {
                try {
                    isAsked.set(false);
                    reload();
                    return;
                } catch (RuntimeException e) {
                    LOG.warn("event=processing_rules_not_reloaded effect=\"trying again\" cause=\"{}\"",
                            e.getMessage());
                }
            } while (!closing.await(TRY_AGAIN.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- changing

    /// @throws PlatformException `INVALID`, with all that is wrong with the document of a rule
    public static void check(JsonNode document) {
        RuleDocument.read(document);
    }

    Page<Row> list(OrganizationPath scope, Page.Wish wish) {
        return database.transaction(scope, handle -> store.list(handle, wish));
    }

    /// The rules of all organizations whose scope names a group, by its id or its name.
    public List<Audit.Target> ofGroup(DeviceGroup group) {
        return database.transaction(OrganizationPath.ROOT, handle -> store.ofGroup(handle, group)).stream()
                .map(Row::target).toList();
    }

    Row require(OrganizationPath scope, long id) {
        return database.transaction(scope, handle -> store.find(handle, id)).orElseThrow(ProcessingRules::notFound);
    }

    Page<ProcessingStore.Version> versions(OrganizationPath scope, long id, Page.Wish wish) {
        return database.transaction(scope, handle -> {
            store.find(handle, id).orElseThrow(ProcessingRules::notFound);
            return store.versions(handle, id, wish);
        });
    }

    /// @throws PlatformException `NAME_TAKEN`, or `CONFLICT` when the organization has as many as it may have
    Row create(Actor by, OrganizationPath organization, ProcessingRule.Content content) {
        return changed(by, content.name(), handle -> {
            if (store.lockedCount(handle, organization) >= Limits.PROCESSING_RULES) {
                throw new PlatformException(ErrorCode.CONFLICT, "The organization has " + Limits.PROCESSING_RULES
                        + " processing rules, which is as many as there may be; put several steps into one.");
            }
            var made = store.insert(handle, organization, RuleDocument.write(content), by.toString(), now());
            audit.record(handle, by, "processing_rule.created", made.target(), Audit.NOTHING, made.content());
            return made;
        });
    }

    /// @param expected refuse unless the rule still has this version
    Row change(Actor by, long id, OptionalLong expected, ProcessingRule.Content content) {
        return changed(by, content.name(), handle -> {
            var before = found(handle, id, expected);
            var after = store.update(handle, before, RuleDocument.write(content), by.toString(), now());
            audit.record(handle, by, "processing_rule.changed", after.target(), before.content(), after.content());
            return after;
        });
    }

    void delete(Actor by, long id, OptionalLong expected) {
        changed(by, "", handle -> {
            var before = found(handle, id, expected);
            store.delete(handle, id);
            audit.record(handle, by, "processing_rule.deleted", before.target(), before.content(), Audit.NOTHING);
            return before;
        });
    }

    private Row found(Handle handle, long id, OptionalLong expected) {
        var before = store.findForUpdate(handle, id).orElseThrow(ProcessingRules::notFound);
        if (expected.isPresent() && expected.getAsLong() != before.version()) {
            throw new PlatformException(ErrorCode.PRECONDITION_FAILED,
                    "The rule has changed since it was read; it is now at version " + before.version() + ".");
        }
        return before;
    }

    private Row changed(Actor by, String name, Function<Handle, Row> change) {
        try {
            var row = database.transaction(by.organization(), handle -> {
                var done = change.apply(handle);
                database.notifications().publish(handle, CHANNEL, "");
                return done;
            });
            reloadNow();
            return row;
        } catch (JdbiException e) {
            if (!Database.isDuplicate(e)) throw e;
            throw new PlatformException(ErrorCode.NAME_TAKEN, "There is a processing rule named " + name
                    + " already.");
        }
    }

    private void reloadNow() {
        try {
            reload();
        } catch (PlatformException _) {
            askForReload(); // The change is made all the same.
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static PlatformException notFound() {
        return PlatformException.notFound("processing rule of that number");
    }

    @Override
    public void close() {
        closing.countDown();
    }
}
