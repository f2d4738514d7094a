package io.iotflow.server.group;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Worker;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceFacts;
import io.iotflow.server.device.DeviceGroup;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceSearch;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Grouping;
import io.iotflow.server.device.Presence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/// Which device is in which groups: all of it in memory, on every node. Devices that change are held against the
/// filters again by a thread of its own, or by whoever asks before that has come to it.
final class Memberships implements Grouping, AutoCloseable {
    static final String CHANNEL = "group";
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

    private final Database database;
    private final DeviceSearch search;
    private final Presence presence;
    private final GroupStore store = new GroupStore();
    private final Map<DeviceId, Seat> seats = new ConcurrentHashMap<>();
    /// Devices that have changed, and how often since they were last held against the filters.
    private final Map<DeviceId, Long> stale = new ConcurrentHashMap<>();
    private final List<Consumer<DeviceId>> listeners = new CopyOnWriteArrayList<>();
    /// Around everything that changes the book or the seats by it.
    private final ReentrantLock keeping = new ReentrantLock();
    private final Worker worker;
    private volatile GroupBook book = GroupBook.EMPTY;

    private final DeviceFacts.Around ungrouped = new DeviceFacts.Around() {
        @Override
        public Optional<Boolean> isOnline(DeviceId device) {
            return Optional.of(presence.isOnline(device));
        }

        @Override
        public List<DeviceGroup> groups(Device device) {
            return List.of();
        }
    };

    /// A device that is in some group. Immutable.
    ///
    /// @param listed those whose list it stands on
    /// @param chosen those whose filter accepts it
    private record Seat(OrganizationPath organization, Set<Long> listed, Set<Long> chosen) {
        static final Seat NONE = new Seat(OrganizationPath.ROOT, Set.of(), Set.of());

        boolean isEmpty() {
            return listed.isEmpty() && chosen.isEmpty();
        }

        Seat at(OrganizationPath now) {
            return organization.equals(now) ? this : new Seat(now, listed, chosen);
        }

        Seat listed(long group, boolean isIn) {
            return new Seat(organization, changed(listed, group, isIn), chosen);
        }

        Seat chosen(long group, boolean isIn) {
            return new Seat(organization, listed, changed(chosen, group, isIn));
        }

        Seat chosen(Set<Long> groups) {
            return chosen.equals(groups) ? this : new Seat(organization, listed, Set.copyOf(groups));
        }

        boolean isAny(LongPredicate test) {
            return listed.stream().anyMatch(test::test) || chosen.stream().anyMatch(test::test);
        }

        private static Set<Long> changed(Set<Long> groups, long group, boolean isIn) {
            if (groups.contains(group) == isIn) return groups;
            var changed = new HashSet<>(groups);
            if (isIn) changed.add(group);
            else changed.remove(group);
            return Set.copyOf(changed);
        }
    }

    Memberships(Database database, DeviceRegistry devices, DeviceSearch search, Presence presence) {
        this.database = database;
        this.search = search;
        this.presence = presence;
        worker = new Worker(database, CHANNEL, "group-worker", TRY_AGAIN, () -> {
            reload();
            settle();
            return LOOK_AGAIN;
        });
        devices.onChange(this::deviceChanged);
        devices.onMissed(this::everythingChanged);
        presence.onChange((device, _, _) -> {
            if (book.readsPresence()) ask(device);
        });
        reload();
        worker.start();
    }

    /// Calls back after a device has come into a group or left one, those above included, or one of its groups has
    /// another name; on any thread, and it must not block.
    void onChange(Consumer<DeviceId> listener) {
        listeners.add(listener);
    }

    GroupBook book() {
        return book;
    }

    private void deviceChanged(DeviceId device) {
        if (!book.dynamic().isEmpty() || seats.containsKey(device)) ask(device);
    }

    private void ask(DeviceId device) {
        stale.merge(device, 1L, Long::sum);
        worker.wake();
    }

    /// What other nodes did may have been missed.
    private void everythingChanged() {
        Thread.startVirtualThread(() -> {
            seats.keySet().forEach(this::ask);
            if (book.dynamic().isEmpty()) return;
            search.forEach(OrganizationPath.ROOT, List.of(), device -> ask(device.id()));
        });
    }

    // ---- asked

    @Override
    public List<DeviceGroup> groups(Device device) {
        var now = book;
        var seat = seats.getOrDefault(device.id(), Seat.NONE);
        if (stale.containsKey(device.id())) seat = seat.chosen(chosen(device));
        if (seat.isEmpty()) return List.of();
        var direct = new HashSet<>(seat.listed());
        direct.addAll(seat.chosen());
        return now.withAbove(direct).stream()
                .filter(group -> group.organization().contains(device.organization()))
                .sorted((one, other) -> Long.compare(one.id(), other.id())).map(Group::asSeen).toList();
    }

    @Override
    public long[] members(OrganizationPath viewer, String group) {
        var found = book.find(viewer, group)
                .orElseThrow(() -> PlatformException.invalid("group", "must be a group's id or name"));
        return members(found).stream().mapToLong(DeviceId::value).toArray();
    }

    /// The devices in the group and in those below it.
    Set<DeviceId> members(Group group) {
        settle();
        return placed(book.within(group.id()), group.organization());
    }

    private Set<DeviceId> placed(Set<Long> groups, OrganizationPath organization) {
        var members = new HashSet<DeviceId>();
        seats.forEach((device, seat) -> {
            if (organization.contains(seat.organization()) && seat.isAny(groups::contains)) members.add(device);
        });
        return members;
    }

    /// Whether the device is in one of the groups or below it. One look, no waiting.
    boolean isIn(DeviceId device, LongPredicate groups) {
        var seat = seats.get(device);
        if (seat == null) return false;
        var now = book;
        return seat.isAny(id -> now.find(id).filter(it -> it.organization().contains(seat.organization())).isPresent()
                && now.isAny(id, groups));
    }

    /// Whether it stands on the group's own list. One look, no waiting.
    boolean isListed(DeviceId device, long group) {
        return seats.getOrDefault(device, Seat.NONE).listed().contains(group);
    }

    /// Sums over the devices of each group and of those below it; a device counts once.
    Map<Long, Totals> totals(OrganizationPath scope, Map<DeviceId, Long> openAlerts) {
        settle();
        var now = book;
        var totals = new HashMap<Long, Totals.Sum>();
        seats.forEach((device, seat) -> {
            if (!scope.contains(seat.organization())) return;
            var direct = new HashSet<>(seat.listed());
            direct.addAll(seat.chosen());
            var isOnline = presence.isOnline(device);
            var alerts = openAlerts.getOrDefault(device, 0L);
            for (var group : now.withAbove(direct)) {
                if (group.organization().contains(seat.organization())) {
                    totals.computeIfAbsent(group.id(), _ -> new Totals.Sum()).add(isOnline, alerts);
                }
            }
        });
        var sums = new HashMap<Long, Totals>();
        totals.forEach((group, sum) -> sums.put(group, sum.total()));
        return sums;
    }

    // ---- kept

    /// Holds devices that have changed against the filters again.
    void settle() {
        if (stale.isEmpty() && !keeping.isLocked()) return;
        keeping.lock();
        try {
            var changes = Map.copyOf(stale);
            if (changes.isEmpty()) return;
            var gone = new HashSet<>(changes.keySet());
            for (var device : search.living(changes.keySet())) {
                place(device);
                gone.remove(device.id());
            }
            gone.forEach(seats::remove);
            changes.forEach(stale::remove); // unless they have changed again
        } finally {
            keeping.unlock();
        }
    }

    private void place(Device device) {
        var isChanged = new boolean[1];
        seats.compute(device.id(), (_, there) -> {
            var before = there == null ? Seat.NONE : there;
            var now = before.at(device.organization()).chosen(chosen(device));
            isChanged[0] = !now.chosen().equals(before.chosen());
            return now.isEmpty() ? null : now;
        });
        if (isChanged[0]) tell(device.id());
    }

    private Set<Long> chosen(Device device) {
        var chosen = new HashSet<Long>();
        if (device.status() == DeviceStatus.DECOMMISSIONED) return chosen;
        for (var group : book.dynamic()) if (isChosen(group, device)) chosen.add(group.id());
        return chosen;
    }

    /// Groups are not made of groups: a filter that asks for them sees none.
    private boolean isChosen(Group group, Device device) {
        if (!group.organization().contains(device.organization())) return false;
        return group.filter().orElseThrow().accepts(DeviceFacts.of(device, ungrouped));
    }

    private void tell(DeviceId device) {
        listeners.forEach(listener -> listener.accept(device));
    }

    /// Takes up what the database has: groups, and the members of those whose lists have changed.
    void reload() {
        keeping.lock();
        var before = book;
        try {
            takeUp(before, new GroupBook(database.transaction(OrganizationPath.ROOT, store::all)))
                    .forEach(this::tell);
        } catch (RuntimeException e) {
            book = before; // so that all of it is taken up the next time
            throw e;
        } finally {
            keeping.unlock();
        }
    }

    /// Answers the devices that are in other groups now.
    private Set<DeviceId> takeUp(GroupBook before, GroupBook now) {
        var touched = new HashSet<DeviceId>();
        for (var group : before.all()) {
            if (!isSame(group, now.find(group.id()))) touched.addAll(below(before, group));
        }
        book = now;
        var fresh = new ArrayList<Group>();
        var lists = new ArrayList<Group>();
        for (var group : now.all()) {
            var known = before.find(group.id());
            if (group.isDynamic()) {
                if (!group.filter().equals(known.flatMap(Group::filter))) fresh.add(group);
            } else if (known.isEmpty() || known.get().membersRevision() != group.membersRevision()) lists.add(group);
        }
        forget(before, now);
        choose(fresh, touched);
        list(lists, touched);
        for (var group : now.all()) if (!isSame(group, before.find(group.id()))) touched.addAll(below(now, group));
        return touched;
    }

    private static boolean isSame(Group group, Optional<Group> other) {
        return other.filter(it -> it.revision() == group.revision()).isPresent();
    }

    private Set<DeviceId> below(GroupBook of, Group group) {
        return placed(of.within(group.id()), group.organization());
    }

    private void forget(GroupBook before, GroupBook now) {
        var gone = new HashSet<Long>();
        for (var group : before.all()) if (now.find(group.id()).isEmpty()) gone.add(group.id());
        if (gone.isEmpty()) return;
        for (var device : List.copyOf(seats.keySet())) {
            seats.computeIfPresent(device, (_, seat) -> {
                if (!seat.isAny(gone::contains)) return seat;
                var left = seat;
                for (var group : gone) left = left.listed(group, false).chosen(group, false);
                return left.isEmpty() ? null : left;
            });
        }
    }

    /// Looks for what new filters accept: by the database for one, by one walk over all devices for several.
    private void choose(List<Group> groups, Set<DeviceId> touched) {
        if (groups.isEmpty()) return;
        var found = new HashMap<Long, Map<DeviceId, OrganizationPath>>();
        groups.forEach(group -> found.put(group.id(), new HashMap<>()));
        var isOne = groups.size() == 1;
        var scope = isOne ? groups.getFirst().organization() : OrganizationPath.ROOT;
        search.forEach(scope, isOne ? List.of(groups.getFirst().filter().orElseThrow()) : List.of(), device -> {
            for (var group : groups) {
                if (isChosen(group, device)) found.get(group.id()).put(device.id(), device.organization());
            }
        });
        groups.forEach(group -> put(group, found.get(group.id()), touched, Seat::chosen));
    }

    private void list(List<Group> groups, Set<DeviceId> touched) {
        if (groups.isEmpty()) return;
        var found = new HashMap<Long, Map<DeviceId, OrganizationPath>>();
        groups.forEach(group -> found.put(group.id(), new HashMap<>()));
        database.transaction(OrganizationPath.ROOT, handle -> store.members(handle,
                        groups.stream().map(Group::id).toList()))
                .forEach(member -> found.get(member.group()).put(member.device(), member.organization()));
        groups.forEach(group -> put(group, found.get(group.id()), touched, Seat::listed));
    }

    /// Puts a device into a group or takes it out.
    @FunctionalInterface
    private interface Put {
        Seat of(Seat seat, long group, boolean isIn);
    }

    /// Makes these, and no others, the members of a group.
    private void put(Group group, Map<DeviceId, OrganizationPath> members, Set<DeviceId> touched, Put put) {
        Collection<DeviceId> known = placed(Collections.singleton(group.id()), OrganizationPath.ROOT);
        for (var device : known) {
            if (!members.containsKey(device)) put(group, device, Optional.empty(), touched, put);
        }
        members.forEach((device, organization) -> put(group, device, Optional.of(organization), touched, put));
    }

    private void put(Group group, DeviceId device, Optional<OrganizationPath> in, Set<DeviceId> touched, Put put) {
        seats.compute(device, (_, there) -> {
            var before = there == null ? Seat.NONE : there;
            var now = put.of(in.map(before::at).orElse(before), group.id(), in.isPresent());
            if (!now.equals(before)) touched.add(device);
            return now.isEmpty() ? null : now;
        });
    }

    /// One change of a list that this node has made itself, and needs not read again.
    void listed(Group before, Group after, Collection<Device> added, Collection<DeviceId> removed) {
        keeping.lock();
        try {
            var known = book.find(after.id());
            if (known.isEmpty() || known.get().membersRevision() != before.membersRevision()) {
                reload();
                return;
            }
            var groups = new ArrayList<>(book.all());
            groups.remove(known.get());
            groups.add(known.get().withMembers(after.membersRevision()));
            book = new GroupBook(groups);
            var touched = new HashSet<DeviceId>();
            for (var device : added) {
                put(after, device.id(), Optional.of(device.organization()), touched, Seat::listed);
            }
            for (var device : removed) put(after, device, Optional.empty(), touched, Seat::listed);
            touched.forEach(this::tell);
        } finally {
            keeping.unlock();
        }
    }

    @Override
    public void close() {
        worker.close(Duration.ofSeconds(5));
    }
}
