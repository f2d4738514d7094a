package io.iotflow.server.device;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import org.jdbi.v3.core.statement.SqlStatement;

/// Which devices to list, in which order, and which page of them. Empty texts filter nothing; decommissioned devices
/// are listed only when their status is asked for.
///
/// @param search part of the name, case ignored
/// @param cursor the `next_cursor` of the page before, or empty
public record DeviceQuery(String status, String type, String location, String userId, String search, Sort sort,
                          boolean isDescending, int limit, int offset, String cursor) {

    /// By what to sort; ties are broken by id, so that pages never overlap.
    public enum Sort {
        ID("id", "bigint"), NAME("name", "text"), DEVICE_TYPE("device_type", "text"), STATUS("status", "text"),
        CREATED_AT("created_at", "timestamptz"), UPDATED_AT("updated_at", "timestamptz");

        private final String column;
        private final String sqlType;

        Sort(String column, String sqlType) {
            this.column = column;
            this.sqlType = sqlType;
        }

        private String of(Device device) {
            return switch (this) {
                case ID -> device.id().toString();
                case NAME -> device.name();
                case DEVICE_TYPE -> device.type();
                case STATUS -> device.status().word();
                case CREATED_AT -> device.createdAt().toString();
                case UPDATED_AT -> device.updatedAt().toString();
            };
        }
    }

    private record Position(long id, String value) {}

    public DeviceQuery {
        if (limit < 1 || limit > Limits.PAGE_MAX) {
            throw PlatformException.invalid("limit", "must be a whole number from 1 to " + Limits.PAGE_MAX);
        }
        if (offset < 0) throw PlatformException.invalid("offset", "must not be negative");
        if (!status.isEmpty()) DeviceStatus.of(status);
        if (!cursor.isEmpty() && offset > 0) throw PlatformException.invalid("offset", "excludes cursor");
        if (!cursor.isEmpty()) position(cursor, sort);
    }

    /// Every living device, by id.
    public static DeviceQuery all() {
        return new DeviceQuery("", "", "", "", "", Sort.ID, false, Limits.PAGE_DEFAULT, 0, "");
    }

    public DeviceQuery withPage(int newLimit, String newCursor) {
        return new DeviceQuery(status, type, location, userId, search, sort, isDescending, newLimit, 0, newCursor);
    }

    /// The cursor of the page that begins after `last`.
    String cursorAfter(Device last) {
        return Base64.getUrlEncoder().withoutPadding()
                .encodeToString((last.id() + " " + sort.of(last)).getBytes(StandardCharsets.UTF_8));
    }

    String condition() {
        return """
                (:status = '' AND status <> 'decommissioned' OR status = :status)
                AND (:type = '' OR device_type = :type) AND (:location = '' OR location = :location)
                AND (:user = '' OR user_id = :user)
                AND (:search = '' OR strpos(lower(name), lower(:search)) > 0)""";
    }

    String afterCursor() {
        if (cursor.isEmpty()) return "";
        return " AND (" + sort.column + ", id) " + (isDescending ? "<" : ">")
                + " (CAST(:value AS " + sort.sqlType + "), :id)";
    }

    String order() {
        var direction = isDescending ? " DESC" : " ASC";
        return sort.column + direction + ", id" + direction;
    }

    void bind(SqlStatement<?> statement) {
        statement.bind("status", status).bind("type", type).bind("location", location).bind("user", userId)
                .bind("search", search);
    }

    /// One row more than the page has, to know whether another follows.
    void bindPage(SqlStatement<?> statement) {
        statement.bind("limit", limit + 1).bind("offset", offset);
        if (cursor.isEmpty()) return;
        var position = position(cursor, sort);
        statement.bind("value", position.value()).bind("id", position.id());
    }

    private static Position position(String cursor, Sort sort) {
        try {
            var text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            var space = text.indexOf(' ');
            var value = text.substring(space + 1);
            switch (sort) {
                case ID -> Long.parseLong(value);
                case CREATED_AT, UPDATED_AT -> Instant.parse(value);
                case NAME, DEVICE_TYPE, STATUS -> {
                    if (value.indexOf('\0') >= 0) throw new IllegalArgumentException("not a text");
                }
            }
            return new Position(Long.parseLong(text.substring(0, space)), value);
        } catch (RuntimeException e) {
            throw new PlatformException(ErrorCode.INVALID, "cursor must be a next_cursor of the same list and sort");
        }
    }
}
