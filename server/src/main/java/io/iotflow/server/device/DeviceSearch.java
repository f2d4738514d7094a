package io.iotflow.server.device;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.DeviceQuery.Place;
import io.iotflow.server.http.Query;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// Finds devices: by the fields of their records, and by what [DeviceFilter] accepts. The database leaves out what it
/// can; the filter is asked of the rest. Calls block.
public final class DeviceSearch {
    private final Database database;
    private final Presence presence;
    private final DeviceStore store = new DeviceStore();
    private volatile Grouping grouping = Grouping.NONE;
    private volatile Statuses statuses;

    public DeviceSearch(Database database, Presence presence) {
        this.database = database;
        this.presence = presence;
    }

    /// Lets memory search, sort by what was seen last, count, and say which devices a small organization has.
    public void answerFrom(Statuses all) {
        statuses = all;
    }

    /// Lets filters know of groups.
    public void groupBy(Grouping groups) {
        grouping = groups;
    }

    Grouping grouping() {
        return grouping;
    }

    /// What is known beside the devices' records.
    public DeviceFacts.Around around() {
        return new Around(true);
    }

    /// The same without what comes and goes: for whoever looks only when a device or its groups have changed.
    public DeviceFacts.Around lasting() {
        return new Around(false);
    }

    private final class Around implements DeviceFacts.Around {
        private final boolean isPresent;

        Around(boolean isPresent) {
            this.isPresent = isPresent;
        }

        @Override
        public Optional<Boolean> isOnline(DeviceId device) {
            return isPresent ? Optional.of(presence.isOnline(device)) : Optional.empty();
        }

        @Override
        public List<DeviceGroup> groups(Device device) {
            return grouping.groups(device);
        }
    }

    /// As an expression sees it that is for this organization.
    public DeviceFacts facts(Device device, OrganizationPath viewer) {
        return DeviceFacts.of(device, around()).seenBy(viewer);
    }

    /// How many devices there are on all pages, or at least.
    public record Total(long atLeast, boolean isAll) {
        ObjectNode addTo(ObjectNode answer) {
            return answer.put("total", isAll ? (Long) atLeast : null).put("total_at_least", atLeast);
        }
    }

    /// One page.
    ///
    /// @param total      of filters not counted beyond [FleetLimits#COUNTED], nor where each device would have to be
    ///                   looked at for that
    /// @param nextCursor empty on the last page
    public record Page(List<Device> devices, Total total, Optional<String> nextCursor) {}

    public Page list(OrganizationPath scope, DeviceQuery query) {
        return list(scope, query, List.of());
    }

    /// @param filters all of them must accept a device. A page may then be short, or empty, although there are more
    ///                devices: it ends after [FleetLimits#FILTER_LOOKS] that were looked at, or after
    ///                [FleetLimits#FILTER_LOOK_TIME]
    public Page list(OrganizationPath scope, DeviceQuery query, List<DeviceFilter> filters) {
        var narrowing = Narrowing.of(filters);
        if (!narrowing.isExact() && query.offset() > 0) {
            throw PlatformException.invalid("offset", "does not go with this filter, which must be asked of each "
                    + "device; follow next_cursor");
        }
        var known = statuses;
        if (known == null || !query.isOfLiving()) return asked(scope, query, narrowing, filters, false);
        var isPlain = narrowing == Narrowing.NONE && query.among().equals(DeviceQuery.Among.ALL);
        var isOfAll = scope.equals(OrganizationPath.ROOT) && query.search().isEmpty();
        if (!isPlain && isOfAll) return asked(scope, query, narrowing, filters, false);
        var lines = known.within(scope, query.lines());
        if (isPlain && query.sort() == DeviceQuery.Sort.LAST_SEEN) return bySeen(scope, query, lines);
        var page = asked(scope, found(query, lines), narrowing, filters, isPlain);
        return isPlain ? new Page(page.devices(), new Total(lines.size(), true), page.nextCursor()) : page;
    }

    /// Of many, the database soon has a page; for few it would go through everybody's devices.
    private static DeviceQuery found(DeviceQuery query, List<Statuses.Line> lines) {
        if (lines.size() > FleetLimits.FEW_DEVICES && query.searchesAscii()) return query;
        return query.withFound(lines.stream().mapToLong(line -> line.id().value()).toArray());
    }

    /// @param isCounted whether somebody else counts what the page does not tell
    private Page asked(OrganizationPath scope, DeviceQuery query, Narrowing narrowing, List<DeviceFilter> filters,
            boolean isCounted) {
        return database.transaction(scope, handle -> {
            store.planEachAnew(handle);
            return narrowing.isExact() ? exact(handle, query, narrowing, isCounted)
                    : looked(handle, query, narrowing, filters, scope);
        });
    }

    /// In the order of what memory knows, which is ahead of the database.
    private Page bySeen(OrganizationPath scope, DeviceQuery query, List<Statuses.Line> lines) {
        var order = Comparator.comparingLong(Place::value).thenComparingLong(Place::id);
        if (query.isDescending()) order = order.reversed();
        var after = query.after();
        var most = query.offset() + query.limit() + 1L;
        var first = new PriorityQueue<>(order.reversed());
        for (var line : lines) {
            var place = new Place(presence.seenMillis(line.id()) * 1_000, line.id().value());
            if (after.isPresent() && order.compare(place, after.get()) <= 0) continue;
            if (first.size() == most && order.compare(place, first.peek()) > 0) continue;
            first.add(place);
            if (first.size() > most) first.remove();
        }
        var wanted = first.stream().sorted(order).skip(query.offset()).toList();
        var page = wanted.subList(0, Math.min(wanted.size(), query.limit()));
        var devices = living(scope, page.stream().map(place -> new DeviceId(place.id())).toList()).stream()
                .collect(Collectors.toMap(device -> device.id().value(), Function.identity()));
        var next = wanted.size() == page.size() ? Optional.<String>empty()
                : Optional.of(query.cursorAfter(page.getLast().id(), Long.toString(page.getLast().value())));
        return new Page(page.stream().map(place -> devices.get(place.id())).filter(Objects::nonNull).toList(),
                new Total(lines.size(), true), next);
    }

    private Page exact(Handle handle, DeviceQuery query, Narrowing narrowing, boolean isCounted) {
        var counted = narrowing == Narrowing.NONE ? null : count(handle, query, narrowing);
        if (counted != null && counted.atLeast() >= FleetLimits.FEW_DEVICES) store.expectMany(handle);
        var rows = store.list(handle, query, narrowing, query.limit() + 1);
        var page = rows.subList(0, Math.min(rows.size(), query.limit()));
        var isLast = rows.size() == page.size();
        var next = isLast ? Optional.<String>empty() : Optional.of(cursor(query, page.getLast()));
        // A last page that is not empty tells by itself.
        var total = isLast && query.cursor().isEmpty() && (!page.isEmpty() || query.offset() == 0)
                ? new Total(query.offset() + page.size(), true)
                : isCounted ? atLeast(page) : counted != null ? counted : count(handle, query, narrowing);
        return new Page(devices(page), total, next);
    }

    private Total count(Handle handle, DeviceQuery query, Narrowing narrowing) {
        var most = query.search().isEmpty() && narrowing == Narrowing.NONE ? Integer.MAX_VALUE : FleetLimits.COUNTED;
        var counted = store.count(handle, query, narrowing, most + 1L);
        return new Total(Math.min(counted, most), counted <= most);
    }

    private Page looked(Handle handle, DeviceQuery query, Narrowing narrowing, List<DeviceFilter> filters,
            OrganizationPath scope) {
        var page = new ArrayList<DeviceStore.Listed>();
        var looks = 0;
        var end = Long.MAX_VALUE;
        if (!query.among().isWanted()) store.expectMany(handle);
        try (var rows = store.stream(handle, query, narrowing, FleetLimits.FILTER_LOOKS + 1)) {
            DeviceStore.Listed last = null;
            for (var row : (Iterable<DeviceStore.Listed>) rows::iterator) {
                if (looks == 0) end = System.nanoTime() + FleetLimits.FILTER_LOOK_TIME.toNanos();
                var isLong = looks >= FleetLimits.FILTER_BATCH && System.nanoTime() - end > 0;
                if (looks++ == FleetLimits.FILTER_LOOKS || isLong) {
                    return new Page(devices(page), atLeast(page), Optional.of(cursor(query, last)));
                }
                last = row;
                var facts = facts(row.device(), scope);
                if (!filters.stream().allMatch(filter -> filter.accepts(facts))) continue;
                if (page.size() == query.limit()) {
                    return new Page(devices(page), atLeast(page), Optional.of(cursor(query, page.getLast())));
                }
                page.add(row);
            }
        }
        return new Page(devices(page), new Total(page.size(), query.cursor().isEmpty()), Optional.empty());
    }

    private static String cursor(DeviceQuery query, DeviceStore.Listed last) {
        return query.cursorAfter(last.device().id().value(), last.position());
    }

    private static Total atLeast(List<DeviceStore.Listed> page) {
        return new Total(page.size(), false);
    }

    private static List<Device> devices(List<DeviceStore.Listed> rows) {
        return rows.stream().map(DeviceStore.Listed::device).toList();
    }

    /// Living devices of an organization and those below, by id.
    ///
    /// @param atMost more are not looked for
    public List<DeviceId> matching(OrganizationPath scope, DeviceFilter filter, int atMost) {
        return matching(scope, filter, Optional.empty(), atMost).devices();
    }

    /// One page.
    ///
    /// @param next after which to go on; empty on the last page
    public record Matches(List<DeviceId> devices, Optional<DeviceId> next) {}

    /// @param after the last device of the page before
    public Matches matching(OrganizationPath scope, DeviceFilter filter, Optional<DeviceId> after, int atMost) {
        var narrowing = Narrowing.of(List.of(filter));
        var found = new ArrayList<DeviceId>();
        var from = after.map(DeviceId::value).orElse(0L);
        while (true) {
            var batch = batch(scope, narrowing, from);
            for (var device : batch) {
                if (found.size() == atMost) return new Matches(found, Optional.of(found.getLast()));
                if (filter.accepts(facts(device, scope))) found.add(device.id());
            }
            if (batch.size() < FleetLimits.FILTER_BATCH) return new Matches(found, Optional.empty());
            from = batch.getLast().id().value();
        }
    }

    /// Living devices that a query's parameters `filter`, `tag` and `group` leave over; empty if it has none of them.
    public Optional<Set<DeviceId>> chosen(OrganizationPath scope, Query query) {
        var choice = Choice.of(query, scope, DeviceQuery.Among.ALL, grouping);
        if (choice.filters().isEmpty() && choice.among() == DeviceQuery.Among.ALL) return Optional.empty();
        var members = Arrays.stream(choice.among().ids()).mapToObj(DeviceId::new).collect(Collectors.toSet());
        if (choice.filters().isEmpty()) return Optional.of(members);
        var found = new HashSet<DeviceId>();
        forEach(scope, choice.filters(), device -> {
            if (!choice.among().isWanted() || members.contains(device.id())) found.add(device.id());
        });
        return Optional.of(found);
    }

    /// Every living device that the filters accept, by id; in transactions of its own, between which others go on.
    public void forEach(OrganizationPath scope, List<DeviceFilter> filters, Consumer<Device> consumer) {
        var narrowing = Narrowing.of(filters);
        var from = 0L;
        while (true) {
            var batch = batch(scope, narrowing, from);
            for (var device : batch) {
                var facts = facts(device, scope);
                if (filters.stream().allMatch(filter -> filter.accepts(facts))) consumer.accept(device);
            }
            if (batch.size() < FleetLimits.FILTER_BATCH) return;
            from = batch.getLast().id().value();
        }
    }

    private List<Device> batch(OrganizationPath scope, Narrowing narrowing, long after) {
        return database.transaction(scope, handle -> store.living(handle, narrowing, after, FleetLimits.FILTER_BATCH));
    }

    /// Those of the ids that are living devices, as the database has them now.
    public List<Device> living(Collection<DeviceId> ids) {
        return living(OrganizationPath.ROOT, ids);
    }

    private List<Device> living(OrganizationPath scope, Collection<DeviceId> ids) {
        var found = new ArrayList<Device>();
        var list = List.copyOf(ids);
        for (int from = 0; from < list.size(); from += FleetLimits.FILTER_BATCH) {
            var part = list.subList(from, Math.min(list.size(), from + FleetLimits.FILTER_BATCH));
            found.addAll(database.transaction(scope, handle -> store.living(handle, part)));
        }
        return found;
    }
}
