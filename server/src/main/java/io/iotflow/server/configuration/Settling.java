package io.iotflow.server.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.configuration.State.Drift;
import io.iotflow.server.configuration.State.Outcome;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException.FieldError;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/// Works out what devices are to have from the levels that are active, and keeps it with a new version where it is not
/// what they had. What the schema refuses is not told: the device stays with what it had.
final class Settling {
    private final VersionStore versions;
    private final StateStore states;
    private final Schemas schemas;
    private final GroupsKnown groups;

    /// What came of it for one device.
    ///
    /// @param before   the drift as it was
    /// @param problems why what it should have is not told to it; empty if it is
    record Settled(State state, Drift before, List<Level> levels, Merged merged, List<FieldError> problems) {}

    Settling(VersionStore versions, StateStore states, Schemas schemas, GroupsKnown groups) {
        this.versions = versions;
        this.states = states;
        this.schemas = schemas;
        this.groups = groups;
    }

    /// @param members living devices; from here to the end of the transaction nobody else changes what they have
    List<Settled> settle(Handle handle, Collection<Member> members, Instant now) {
        if (members.isEmpty()) return List.of();
        var ids = members.stream().map(Member::device).toList();
        states.lock(handle, ids);
        var known = states.find(handle, ids);
        var levels = levels(handle, members);
        var allowed = new HashMap<Kind, Optional<ContentSchema>>();
        var settled = new ArrayList<Settled>();
        for (var member : members) {
            var own = levels.get(member.device());
            var before = known.get(member.device());
            if (own.isEmpty() && before == null) {
                settled.add(new Settled(State.none(member, now), Drift.IN_SYNC, own, Merged.of(own), List.of()));
                continue;
            }
            var schema = allowed.computeIfAbsent(new Kind(member.organization(), member.type()),
                    it -> schemas.nearest(handle, it.organization, it.type));
            settled.add(settled(Optional.ofNullable(before).orElseGet(() -> State.none(member, now))
                    .withType(member.type()), own, schema, now));
        }
        states.save(handle, settled.stream().filter(it -> !it.levels.isEmpty() || known.containsKey(
                it.state.device())).map(Settled::state).filter(it -> !it.equals(known.get(it.device()))).toList());
        return settled;
    }

    private record Kind(OrganizationPath organization, String type) {}

    private static Settled settled(State before, List<Level> levels, Optional<ContentSchema> schema, Instant now) {
        var merged = Merged.of(levels);
        if (merged.entries().equals(before.entries())) {
            var after = before.problem().isEmpty() ? before : before.withProblem("").with(sinceTold(before), now);
            return new Settled(after, before.drift(), levels, merged, List.of());
        }
        var problems = problems(merged, schema);
        if (!problems.isEmpty()) {
            var first = problems.getFirst();
            return new Settled(before.withProblem(first.field() + " " + first.detail()).with(Drift.INVALID, now),
                    before.drift(), levels, merged, problems);
        }
        var own = levels.stream().filter(it -> it.target() instanceof Target.OfDevice).mapToLong(Level::version)
                .max().orElse(0);
        var after = before.withProblem("").withVersion(Math.max(before.version() + 1, own), merged.entries(), now)
                .with(Drift.PENDING, now);
        return new Settled(after, before.drift(), levels, merged, List.of());
    }

    /// Of no levels at all nobody can ask anything.
    private static List<FieldError> problems(Merged merged, Optional<ContentSchema> schema) {
        if (Content.isTooLarge(merged.entries())) {
            return List.of(new FieldError("configuration", "would have more than " + Limits.CONFIGURATION_KEYS
                    + " keys or " + Limits.CONFIGURATION_BYTES + " bytes with what it inherits"));
        }
        if (schema.isEmpty() || merged.entries().isEmpty()) return List.of();
        return schema.get().violations(Content.values(merged.entries()));
    }

    /// What is known of the version that the device has had all the time.
    private static Drift sinceTold(State state) {
        var said = state.acknowledgement().filter(it -> it.version() == state.version());
        if (said.isEmpty()) return Drift.PENDING;
        return said.get().outcome() == Outcome.REJECTED ? Drift.REJECTED : Drift.IN_SYNC;
    }

    /// For each device, the outermost first: what comes with the type, what was said of it, each from the outermost
    /// organization in, groups, the device itself.
    private Map<DeviceId, List<Level>> levels(Handle handle, Collection<Member> members) {
        var wanted = members.stream().collect(Collectors.toMap(Member::device,
                member -> owners(handle, member)));
        var targets = new TreeSet<String>();
        var organizations = new TreeSet<String>();
        wanted.values().forEach(owners -> owners.forEach(owner -> {
            targets.add(owner.target().text());
            organizations.add(owner.organization().text());
        }));
        var found = versions.levels(handle, targets, organizations).stream().collect(
                Collectors.toMap(level -> new Owner(level.target(), level.organization()), level -> level));
        return members.stream().collect(Collectors.toMap(Member::device, member -> wanted.get(member.device())
                .stream().filter(found::containsKey).map(found::get).toList()));
    }

    private List<Owner> owners(Handle handle, Member member) {
        var line = new ArrayList<OrganizationPath>();
        for (var it = Optional.of(member.organization()); it.isPresent(); it = it.get().parent()) {
            line.addFirst(it.get());
        }
        var owners = new ArrayList<Owner>();
        for (var organization : line) owners.add(new Owner(new Target.OfDefault(member.type()), organization));
        for (var organization : line) owners.add(new Owner(new Target.OfType(member.type()), organization));
        for (var group : groups.of(handle, member.device())) {
            for (var organization : line) owners.add(new Owner(new Target.OfGroup(group), organization));
        }
        owners.add(new Owner(new Target.OfDevice(member.device()), member.organization()));
        return owners;
    }

    /// What is wrong with a level of a type or a group by itself: of groups nothing can be said.
    List<FieldError> problems(Handle handle, Owner owner, JsonNode entries) {
        var type = switch (owner.target()) {
            case Target.OfType(var word) -> word;
            case Target.OfDefault(var word) -> word;
            case Target.OfGroup _, Target.OfDevice _ -> null;
        };
        if (type == null) return List.of();
        var values = Content.values(Merged.of(List.of(new Level(owner.target(), owner.organization(), 0, entries)))
                .entries());
        return schemas.nearest(handle, owner.organization(), type).map(it -> it.certainViolations(values))
                .orElse(List.of());
    }
}
