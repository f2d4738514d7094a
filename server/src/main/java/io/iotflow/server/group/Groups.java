package io.iotflow.server.group;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.FleetLimits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceGroup;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceSearch;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Grouping;
import io.iotflow.server.device.Presence;
import io.iotflow.server.http.Json;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// The groups of devices, and the only door for changing one. Who is in which is answered from memory; every node takes
/// up a change within milliseconds.
public final class Groups implements AutoCloseable {
    /// Of members that came or went the audit log names so many.
    private static final int NAMED = 100;
    private static final int NAMED_RULES = 5;

    private final Database database;
    private final Audit audit;
    private final InstantSource clock;
    private final GroupStore store = new GroupStore();
    private final Memberships memberships;
    private volatile GroupUse use = GroupUse.NONE;

    /// @param search learns of the groups from here
    public Groups(Database database, DeviceRegistry devices, DeviceSearch search, Presence presence, Audit audit,
            InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
        this.memberships = new Memberships(database, devices, search, presence);
        search.groupBy(memberships);
    }

    /// Who is asked before a group goes.
    public void usedBy(GroupUse users) {
        use = users;
    }

    /// Calls back after a device has come into a group or left one; on any thread, and it must not block.
    public void onChange(Consumer<DeviceId> listener) {
        memberships.onChange(listener);
    }

    public Grouping grouping() {
        return memberships;
    }

    /// Whether a device is in one of the groups, or in one below; from memory, at once.
    ///
    /// @throws PlatformException `NOT_FOUND` for a group that is not within the scope
    public Predicate<DeviceId> anyOf(OrganizationPath scope, List<String> groups) {
        Set<Long> wanted = groups.stream().map(name -> require(scope, name).id()).collect(Collectors.toSet());
        return device -> memberships.isIn(device, wanted::contains);
    }

    /// The group that a text means among those within a scope.
    public Optional<DeviceGroup> find(OrganizationPath scope, String idOrName) {
        return memberships.book().find(scope, idOrName).map(Group::asSeen);
    }

    /// The devices in a group and in those below it.
    public Set<DeviceId> members(DeviceGroup group) {
        return memberships.book().find(group.id()).map(memberships::members).orElse(Set.of());
    }

    /// The groups that a device is in; from memory, at once.
    public List<DeviceGroup> outermostFirst(Device device) {
        var book = memberships.book();
        return memberships.groups(device).stream().sorted(Comparator
                .<DeviceGroup>comparingInt(group -> book.depth(group.id())).thenComparingLong(DeviceGroup::id))
                .toList();
    }

    /// Whether a device is in this group, or in one below; from memory, at once.
    public boolean isIn(DeviceId device, long group) {
        return memberships.isIn(device, it -> it == group);
    }

    Memberships memberships() {
        return memberships;
    }

    /// Of the scope, by number.
    List<Group> list(OrganizationPath scope) {
        return memberships.book().all().stream().filter(group -> scope.contains(group.organization()))
                .sorted((one, other) -> Long.compare(one.id(), other.id())).toList();
    }

    /// @throws PlatformException `NOT_FOUND`, also for what lies outside the scope
    Group require(OrganizationPath scope, String idOrName) {
        return memberships.book().find(scope, idOrName).orElseThrow(Groups::notFound);
    }

    Group create(Actor by, OrganizationPath organization, Group.Content content) {
        return changed(by, organization, handle -> {
            store.lockTree(handle, organization);
            var tree = store.tree(handle, organization);
            if (tree.size() >= FleetLimits.GROUPS) {
                throw new PlatformException(ErrorCode.CONFLICT, "The organization has " + FleetLimits.GROUPS
                        + " groups; delete one that is not needed any more.");
            }
            requireRoom(tree, content);
            requirePlace(tree, OptionalLong.empty(), content);
            var made = store.insert(handle, organization, content, now());
            audit.record(handle, by, "group.created", made.target(), Audit.NOTHING, made.document());
            return made;
        });
    }

    /// @param expected refuse unless the group still has this revision
    Group change(Actor by, Group group, OptionalLong expected, Group.Content content) {
        return changed(by, group.organization(), handle -> {
            store.lockTree(handle, group.organization());
            var before = required(handle, group.id(), expected);
            if (before.isDynamic() != content.filter().isPresent()) {
                throw PlatformException.invalid("filter", before.isDynamic()
                        ? "is what this group is made by, and cannot go; create a static group in its place"
                        : "does not go with a list of members; create a dynamic group in its place");
            }
            requirePlace(store.tree(handle, group.organization()), OptionalLong.of(group.id()), content);
            if (content.equals(before.content())) return before;
            var after = store.update(handle, group.id(), content, now());
            audit.record(handle, by, "group.changed", after.target(), before.document(), after.document());
            return after;
        });
    }

    void delete(Actor by, Group group, OptionalLong expected) {
        requireUnnamed(by.organization(), group);
        changed(by, group.organization(), handle -> {
            store.lockTree(handle, group.organization());
            var gone = required(handle, group.id(), expected);
            if (store.tree(handle, group.organization()).stream()
                    .anyMatch(it -> it.parent().isPresent() && it.parent().getAsLong() == gone.id())) {
                throw new PlatformException(ErrorCode.CONFLICT,
                        "There are groups below this one; move or delete them first.");
            }
            use.deleted(handle, by, gone.asSeen());
            store.delete(handle, gone.id());
            audit.record(handle, by, "group.deleted", gone.target(), gone.document(), Audit.NOTHING);
            return gone;
        });
    }

    /// Rules of organizations above are counted, and not named to whoever may not see them.
    private void requireUnnamed(OrganizationPath viewer, Group group) {
        var naming = use.naming(group.asSeen());
        if (naming.isEmpty()) return;
        var seen = naming.stream().filter(it -> viewer.contains(it.organization())).toList();
        var names = new ArrayList<>(seen.stream().limit(NAMED_RULES)
                .map(it -> it.type().replace('_', ' ') + " " + it.id() + " (" + it.name() + ")").toList());
        var others = naming.size() - names.size();
        if (others > 0) names.add(others + (names.isEmpty() ? " of an organization above" : " more"));
        throw new PlatformException(ErrorCode.CONFLICT, "The group is named by the scope of rules: "
                + String.join(", ", names) + "; take it out of them first.");
    }

    private static void requireRoom(List<Group> tree, Group.Content content) {
        if (content.filter().isEmpty()) return;
        if (tree.stream().filter(Group::isDynamic).count() >= FleetLimits.DYNAMIC_GROUPS) {
            throw new PlatformException(ErrorCode.CONFLICT, "The organization has " + FleetLimits.DYNAMIC_GROUPS
                    + " groups with a filter; delete one that is not needed any more.");
        }
    }

    /// Whether the group may stand where it is to: under another one of the organization, not below itself, and not too
    /// deep.
    private static void requirePlace(List<Group> tree, OptionalLong itself, Group.Content content) {
        if (content.parent().isEmpty()) return;
        var byId = new HashMap<Long, Group>();
        tree.forEach(group -> byId.put(group.id(), group));
        var above = 0;
        for (var at = content.parent(); at.isPresent(); above++) {
            var group = byId.get(at.getAsLong());
            if (group == null) {
                throw PlatformException.invalid("parent_id", "must be the number of a group of the same organization");
            }
            if (itself.isPresent() && group.id() == itself.getAsLong()) {
                throw PlatformException.invalid("parent_id", "must not be the group itself or one below it");
            }
            at = group.parent();
        }
        var height = itself.isPresent() ? height(new GroupBook(tree), itself.getAsLong()) : 1;
        if (above + height > FleetLimits.GROUP_DEPTH) {
            throw PlatformException.invalid("parent_id", "would put groups more than " + FleetLimits.GROUP_DEPTH
                    + " deep; choose one that stands higher");
        }
    }

    private static int height(GroupBook book, long id) {
        return 1 + book.below(id).stream().mapToInt(group -> height(book, group.id())).max().orElse(0);
    }

    private Group required(Handle handle, long id, OptionalLong expected) {
        var group = store.findForUpdate(handle, id).orElseThrow(Groups::notFound);
        if (expected.isPresent() && expected.getAsLong() != group.revision()) {
            throw new PlatformException(ErrorCode.PRECONDITION_FAILED,
                    "The group has changed since it was read; it is now at revision " + group.revision() + ".");
        }
        return group;
    }

    private Group changed(Actor by, OrganizationPath turn, Function<Handle, Group> change) {
        Group changed;
        try {
            changed = database.transactionInTurn(by.organization(), turn.id(), handle -> {
                var it = change.apply(handle);
                database.notifications().publish(handle, Memberships.CHANNEL, "");
                return it;
            });
        } catch (RuntimeException e) {
            if (!Database.isDuplicate(e)) throw e;
            throw new PlatformException(ErrorCode.NAME_TAKEN, "Another group of the organization has this name.");
        }
        memberships.reload();
        return changed;
    }

    /// What a change of members came to.
    record Moved(int added, int removed) {}

    /// Changes the list of a static group: nobody comes in who is there, and nobody goes who is not.
    ///
    /// @throws PlatformException `CONFLICT` for a group with a filter
    Moved move(Actor by, Group group, Collection<Device> in, Collection<DeviceId> out) {
        var done = database.transactionInTurn(by.organization(), group.id(),
                handle -> move(handle, by, group.id(), in, out));
        committed(done);
        return new Moved(done.added.size(), done.removed.size());
    }

    /// A change of a list in a transaction.
    ///
    /// @param added   those that were not on it
    /// @param removed those that were
    public record Move(DeviceGroup group, List<Device> added, List<DeviceId> removed, Revisions revisions) {}

    /// Of the list, before and after.
    record Revisions(Group before, Group after) {}

    /// The same in the caller's transaction, after which it calls [#committed].
    public Move move(Handle handle, Actor by, long group, Collection<Device> in, Collection<DeviceId> out) {
        var devices = new HashMap<DeviceId, Device>();
        in.forEach(device -> devices.put(device.id(), device));
        var before = store.findForUpdate(handle, group).orElseThrow(Groups::notFound);
        requireStatic(before);
        var removed = store.remove(handle, before, without(out, devices.keySet()));
        var added = store.add(handle, before, devices.keySet());
        if (added.isEmpty() && removed.isEmpty()) {
            return new Move(before.asSeen(), List.of(), List.of(), new Revisions(before, before));
        }
        var after = store.membersChanged(handle, group);
        audit.record(handle, by, "group.members_changed", after.target(), Audit.NOTHING, moved(added, removed));
        database.notifications().publish(handle, Memberships.CHANNEL, "");
        return new Move(after.asSeen(), added.stream().map(devices::get).toList(), removed,
                new Revisions(before, after));
    }

    /// Takes up what the transaction has changed.
    public void committed(Move move) {
        if (move.revisions.before == move.revisions.after) return;
        memberships.listed(move.revisions.before, move.revisions.after, move.added, move.removed);
    }

    /// A group with a list that people keep.
    ///
    /// @throws PlatformException `NOT_FOUND` for what is not within the scope, `CONFLICT` for a group with a filter
    public DeviceGroup requireList(OrganizationPath scope, String idOrName) {
        var group = require(scope, idOrName);
        requireStatic(group);
        return group.asSeen();
    }

    /// Whether a device stands on a group's own list.
    public boolean isListed(DeviceId device, DeviceGroup group) {
        return memberships.isListed(device, group.id());
    }

    /// @param field where the device is named
    /// @throws PlatformException `INVALID` for a device that cannot come into the group
    public static void requireFits(DeviceGroup group, Device device, String field) {
        if (device.status() == DeviceStatus.DECOMMISSIONED) {
            throw PlatformException.invalid(field, "is decommissioned, and belongs to no group");
        }
        if (!group.organization().contains(device.organization())) {
            throw PlatformException.invalid(field, "belongs to another organization than the group");
        }
    }

    static void requireStatic(Group group) {
        if (!group.isDynamic()) return;
        throw new PlatformException(ErrorCode.CONFLICT,
                "This group is made by its filter; change the filter, or what the devices have that it looks at.");
    }

    private static Set<DeviceId> without(Collection<DeviceId> all, Set<DeviceId> those) {
        var left = new HashSet<>(all);
        left.removeAll(those);
        return left;
    }

    private static ObjectNode moved(List<DeviceId> added, List<DeviceId> removed) {
        var document = Json.mapper().createObjectNode();
        name(document, "added", added);
        name(document, "removed", removed);
        return document;
    }

    private static void name(ObjectNode document, String what, List<DeviceId> devices) {
        if (devices.isEmpty()) return;
        document.put(what + "_count", devices.size());
        var named = document.putArray(what);
        devices.stream().mapToLong(DeviceId::value).sorted().limit(NAMED).forEach(named::add);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static PlatformException notFound() {
        return PlatformException.notFound("such group");
    }

    @Override
    public void close() {
        memberships.close();
    }
}
