package io.iotflow.server.device;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// The fleet at a glance, from memory: every living device's name, type and status, and what is searched. Read from the
/// database when first asked for and again after five minutes; in between only devices that have changed are read.
public final class Statuses {
    private static final Duration GOOD_FOR = Duration.ofSeconds(300);

    private final Database database;
    private final InstantSource clock;
    private final DeviceStore store = new DeviceStore();
    private final Map<DeviceId, Line> lines =
            new ConcurrentSkipListMap<>(Comparator.comparingLong(DeviceId::value));
    private final Set<DeviceId> stale = ConcurrentHashMap.newKeySet();
    private final ReentrantLock refreshing = new ReentrantLock();
    private final LongAdder fromMemory = new LongAdder();
    private final LongAdder fromDatabase = new LongAdder();
    private volatile Instant goodUntil = Instant.MIN;

    /// One device.
    ///
    /// @param searched name, description and location in small letters
    public record Line(DeviceId id, OrganizationPath organization, String name, String type, DeviceStatus status,
                       String searched) {
        static Line of(DeviceId id, OrganizationPath organization, String name, String type, DeviceStatus status,
                String description, String location) {
            return new Line(id, organization, name, type, status,
                    String.join("\0", name, description, location).toLowerCase(Locale.ROOT));
        }

        static Line of(Device device) {
            return of(device.id(), device.organization(), device.name(), device.type(), device.status(),
                    device.description(), device.location());
        }
    }

    /// @param devices those of the page, by id
    /// @param total how many the filter lets through
    /// @param isFromMemory false when the database had to be asked
    public record Glance(List<Line> devices, long total, boolean isFromMemory) {}

    /// How well memory serves.
    public record Usage(int devices, long fromMemory, long fromDatabase, Optional<Instant> goodUntil) {}

    public Statuses(Database database, DeviceRegistry registry, InstantSource clock) {
        this.database = database;
        this.clock = clock;
        registry.onChange(stale::add);
        registry.cache().onClear(this::clear);
    }

    public Glance list(Predicate<Line> filter, int limit, int offset) {
        var isFromMemory = refresh();
        (isFromMemory ? fromMemory : fromDatabase).increment();
        var wanted = lines.values().stream().filter(filter).toList();
        var page = wanted.stream().skip(offset).limit(limit).toList();
        return new Glance(page, wanted.size(), isFromMemory);
    }

    /// Every living device of an organization and those below.
    public List<Line> within(OrganizationPath scope) {
        return within(scope, _ -> true);
    }

    /// Those of them that the filter lets through, by id.
    List<Line> within(OrganizationPath scope, Predicate<Line> filter) {
        return list(line -> scope.contains(line.organization()) && filter.test(line), Integer.MAX_VALUE, 0).devices();
    }

    public Usage usage() {
        var until = goodUntil;
        return new Usage(lines.size(), fromMemory.sum(), fromDatabase.sum(),
                until.equals(Instant.MIN) ? Optional.empty() : Optional.of(until));
    }

    /// Reads everything again at the next question.
    public void clear() {
        goodUntil = Instant.MIN;
    }

    /// Reads this device again at the next question.
    public void forget(DeviceId device) {
        stale.add(device);
    }

    /// True when nothing had to be read.
    private boolean refresh() {
        // In this order: whoever finds nothing stale because another is just reading it waits for that one.
        if (clock.instant().isBefore(goodUntil) && stale.isEmpty() && !refreshing.isLocked()) return true;
        refreshing.lock();
        try {
            if (!clock.instant().isBefore(goodUntil)) {
                loadAll();
                return false;
            }
            if (stale.isEmpty()) return true;
            loadStale();
            return false;
        } finally {
            refreshing.unlock();
        }
    }

    private void loadAll() {
        var until = clock.instant().plus(GOOD_FOR);
        stale.clear();
        goodUntil = until;
        try {
            var all = database.transaction(OrganizationPath.ROOT, store::statusLines);
            var ids = ConcurrentHashMap.<DeviceId>newKeySet();
            for (var line : all) {
                lines.put(line.id(), line);
                ids.add(line.id());
            }
            lines.keySet().retainAll(ids);
        } catch (RuntimeException e) {
            clear();
            throw e;
        }
    }

    private void loadStale() {
        var ids = Set.copyOf(stale);
        stale.removeAll(ids);
        try {
            var found = database.transaction(OrganizationPath.ROOT, handle -> store.statusLines(handle, ids));
            var gone = new HashSet<>(ids);
            for (var line : found) {
                lines.put(line.id(), line); // in place: whoever reads meanwhile must not miss it
                gone.remove(line.id());
            }
            lines.keySet().removeAll(gone);
        } catch (RuntimeException e) {
            stale.addAll(ids);
            throw e;
        }
    }
}
