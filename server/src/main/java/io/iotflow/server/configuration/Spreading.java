package io.iotflow.server.configuration;

import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// Brings a change of a type or a group to its devices, some at a time, by their numbers. How far it has come is kept
/// in the same transaction, so that whoever goes on after a crash goes on from there.
final class Spreading {
    private final Configurations configurations;

    private record Spread(Owner owner, long after) {}

    Spreading(Configurations configurations) {
        this.configurations = configurations;
    }

    /// From the first device on, also if it was under way already.
    static void begin(Handle handle, Owner owner, Instant now) {
        handle.createUpdate("""
                INSERT INTO configuration_spreads (organization, target, after_device, created_at)
                VALUES (:organization, :target, 0, :now)
                ON CONFLICT (organization, target) DO UPDATE SET after_device = 0, created_at = :now""")
                .bind("organization", owner.organization().text()).bind("target", owner.target().text())
                .bind("now", VersionStore.utc(now)).execute();
    }

    /// Some devices of the oldest change that nobody else is at.
    ///
    /// @return whether there was one
    boolean step() {
        return configurations.database().transaction(OrganizationPath.ROOT, handle -> {
            var spread = handle.createQuery("""
                    SELECT * FROM configuration_spreads ORDER BY created_at, organization, target LIMIT 1
                    FOR UPDATE SKIP LOCKED""").map((row, _) -> new Spread(new Owner(
                    Target.of(row.getString("target")), new OrganizationPath(row.getString("organization"))),
                    row.getLong("after_device"))).findOne();
            spread.ifPresent(it -> step(handle, it));
            return spread.isPresent();
        });
    }

    private void step(Handle handle, Spread spread) {
        var owner = spread.owner;
        var type = switch (owner.target()) {
            case Target.OfType(var word) -> Optional.of(word);
            case Target.OfDefault(var word) -> Optional.of(word);
            case Target.OfGroup _, Target.OfDevice _ -> Optional.<String>empty();
        };
        var members = configurations.states().members(handle, owner.organization(), type, spread.after,
                Limits.CONFIGURATION_SPREAD);
        var groups = configurations.groups();
        // Of a group that is gone nobody knows any more who was in it.
        var concerned = owner.target() instanceof Target.OfGroup(var group)
                && groups.find(OrganizationPath.ROOT, group).isPresent() ? members.stream()
                .filter(it -> groups.of(handle, it.device()).contains(group)).toList() : members;
        configurations.settle(handle, concerned, configurations.now());
        if (members.size() < Limits.CONFIGURATION_SPREAD) {
            handle.createUpdate("""
                    DELETE FROM configuration_spreads WHERE organization = :organization AND target = :target""")
                    .bind("organization", owner.organization().text()).bind("target", owner.target().text()).execute();
        } else {
            handle.createUpdate("""
                    UPDATE configuration_spreads SET after_device = :after
                    WHERE organization = :organization AND target = :target""")
                    .bind("after", members.getLast().device().value())
                    .bind("organization", owner.organization().text()).bind("target", owner.target().text()).execute();
        }
    }
}
