package io.iotflow.server.group;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.device.DeviceFilter;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/// All SQL about groups. Stateless; the caller holds the connection and the transaction.
final class GroupStore {
    /// Of the lock around changes to one organization's tree.
    private static final int LOCK = 0x67727073;

    /// One listed member.
    record Member(long group, DeviceId device, OrganizationPath organization) {}

    List<Group> all(Handle handle) {
        return handle.createQuery("SELECT * FROM device_groups").map((row, _) -> group(row)).list();
    }

    /// Until the transaction ends nobody else changes the organization's tree.
    void lockTree(Handle handle, OrganizationPath organization) {
        handle.createQuery("SELECT pg_advisory_xact_lock(:lock, hashtext(:organization))::text").bind("lock", LOCK)
                .bind("organization", organization.text()).mapTo(String.class).one();
    }

    List<Group> tree(Handle handle, OrganizationPath organization) {
        return handle.createQuery("SELECT * FROM device_groups WHERE organization = :organization")
                .bind("organization", organization.text()).map((row, _) -> group(row)).list();
    }

    Optional<Group> findForUpdate(Handle handle, long id) {
        return handle.createQuery("SELECT * FROM device_groups WHERE id = :id FOR UPDATE").bind("id", id)
                .map((row, _) -> group(row)).findOne();
    }

    Group insert(Handle handle, OrganizationPath organization, Group.Content content, Instant now) {
        return bound(handle.createQuery("""
                INSERT INTO device_groups (organization, parent_id, name, description, filter, created_at, updated_at)
                VALUES (:organization, CAST(:parent AS bigint), :name, :description, CAST(:filter AS text), :now, :now)
                RETURNING *"""), content).bind("organization", organization.text())
                .bind("now", utc(now)).map((row, _) -> group(row)).one();
    }

    Group update(Handle handle, long id, Group.Content content, Instant now) {
        return bound(handle.createQuery("""
                UPDATE device_groups SET parent_id = CAST(:parent AS bigint), name = :name, description = :description,
                    filter = CAST(:filter AS text), revision = revision + 1, updated_at = :now
                WHERE id = :id RETURNING *"""), content).bind("id", id)
                .bind("now", utc(now)).map((row, _) -> group(row)).one();
    }

    void delete(Handle handle, long id) {
        handle.createUpdate("DELETE FROM device_groups WHERE id = :id").bind("id", id).execute();
    }

    List<Member> members(Handle handle, Collection<Long> groups) {
        return handle.createQuery("""
                SELECT group_id, device_id, devices.organization FROM device_group_members
                JOIN devices ON devices.id = device_id
                WHERE group_id = ANY(:groups) AND status <> 'decommissioned'""")
                .bindArray("groups", Long.class, groups.toArray())
                .map((row, _) -> new Member(row.getLong("group_id"), new DeviceId(row.getLong("device_id")),
                        new OrganizationPath(row.getString("organization")))).list();
    }

    /// Answers those that were not members before.
    List<DeviceId> add(Handle handle, Group group, Collection<DeviceId> devices) {
        return handle.createQuery("""
                INSERT INTO device_group_members (group_id, device_id, organization)
                SELECT :group, id, :organization FROM devices
                WHERE id = ANY(:devices) AND starts_with(devices.organization, :organization)
                    AND status <> 'decommissioned'
                ON CONFLICT DO NOTHING RETURNING device_id""")
                .bind("group", group.id()).bind("organization", group.organization().text())
                .bind("devices", ids(devices)).map((row, _) -> new DeviceId(row.getLong(1))).list();
    }

    /// Answers those that were members.
    List<DeviceId> remove(Handle handle, Group group, Collection<DeviceId> devices) {
        return handle.createQuery("""
                DELETE FROM device_group_members WHERE group_id = :group AND device_id = ANY(:devices)
                RETURNING device_id""").bind("group", group.id()).bind("devices", ids(devices))
                .map((row, _) -> new DeviceId(row.getLong(1))).list();
    }

    Group membersChanged(Handle handle, long id) {
        return handle.createQuery("""
                UPDATE device_groups SET members_revision = members_revision + 1 WHERE id = :id RETURNING *""")
                .bind("id", id).map((row, _) -> group(row)).one();
    }

    private static long[] ids(Collection<DeviceId> devices) {
        return devices.stream().mapToLong(DeviceId::value).toArray();
    }

    private static <S extends SqlStatement<S>> S bound(S statement, Group.Content content) {
        return statement.bind("name", content.name()).bind("description", content.description())
                .bind("parent", content.parent().isPresent() ? (Long) content.parent().getAsLong() : null)
                .bind("filter", content.filter().map(DeviceFilter::text).orElse(null));
    }

    private static Group group(ResultSet row) throws SQLException {
        var parent = row.getLong("parent_id");
        var content = new Group.Content(row.getString("name"), row.getString("description"),
                parent == 0 ? OptionalLong.empty() : OptionalLong.of(parent),
                Optional.ofNullable(row.getString("filter")).map(text -> DeviceFilter.parse("filter", text)));
        return new Group(row.getLong("id"), new OrganizationPath(row.getString("organization")), content,
                row.getLong("revision"), row.getLong("members_revision"), instant(row, "created_at"),
                instant(row, "updated_at"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
