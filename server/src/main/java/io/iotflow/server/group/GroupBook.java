package io.iotflow.server.group;

import io.iotflow.server.core.OrganizationPath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;

/// All groups as of one moment. Immutable.
final class GroupBook {
    static final GroupBook EMPTY = new GroupBook(List.of());

    private final Map<Long, Group> byId = new HashMap<>();
    private final Map<Long, List<Group>> below = new HashMap<>();
    private final List<Group> dynamic;
    private final boolean readsPresence;

    GroupBook(Collection<Group> groups) {
        for (var group : groups) {
            byId.put(group.id(), group);
            group.parent().ifPresent(above -> below.computeIfAbsent(above, _ -> new ArrayList<>()).add(group));
        }
        dynamic = groups.stream().filter(Group::isDynamic).toList();
        readsPresence = dynamic.stream().anyMatch(Group::readsPresence);
    }

    Collection<Group> all() {
        return byId.values();
    }

    Optional<Group> find(long id) {
        return Optional.ofNullable(byId.get(id));
    }

    /// By id or name. Of several of a name the one whose organization stands highest.
    Optional<Group> find(OrganizationPath scope, String idOrName) {
        return byId.values().stream().filter(group -> scope.contains(group.organization())
                && group.asSeen().isCalled(idOrName)).min(Comparator
                .<Group>comparingInt(group -> group.name().equals(idOrName) ? 1 : 0)
                .thenComparingInt(group -> group.organization().text().length()).thenComparingLong(Group::id));
    }

    List<Group> dynamic() {
        return dynamic;
    }

    boolean readsPresence() {
        return readsPresence;
    }

    /// Right below, by name.
    List<Group> below(long id) {
        return below.getOrDefault(id, List.of()).stream().sorted(Comparator.comparing(Group::name)).toList();
    }

    /// The group and all below it.
    Set<Long> within(long id) {
        var within = new HashSet<Long>();
        var open = new ArrayList<>(List.of(id));
        while (!open.isEmpty()) {
            var next = open.removeLast();
            if (!within.add(next)) continue;
            below.getOrDefault(next, List.of()).forEach(group -> open.add(group.id()));
        }
        return within;
    }

    /// Whether the test holds for the group or for one above it.
    boolean isAny(long id, LongPredicate test) {
        for (var group = byId.get(id); group != null;
                group = group.parent().isPresent() ? byId.get(group.parent().getAsLong()) : null) {
            if (test.test(group.id())) return true;
        }
        return false;
    }

    /// How many groups stand above it.
    int depth(long id) {
        var depth = 0;
        for (var group = byId.get(id); group != null && group.parent().isPresent();
                group = byId.get(group.parent().getAsLong())) {
            depth++;
        }
        return depth;
    }

    /// The groups and all above them.
    Set<Group> withAbove(Iterable<Long> ids) {
        var all = new HashSet<Group>();
        for (var id : ids) {
            for (var group = byId.get(id); group != null && all.add(group);
                    group = group.parent().isPresent() ? byId.get(group.parent().getAsLong()) : null) {
                // goes up
            }
        }
        return all;
    }
}
