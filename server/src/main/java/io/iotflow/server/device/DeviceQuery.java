package io.iotflow.server.device;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.jdbi.v3.core.statement.SqlStatement;

/// Which devices to list, in which order, and which page of them. Empty texts filter nothing; decommissioned devices
/// are listed only when their status is asked for.
///
/// @param search part of the name, description or location, case ignored
/// @param cursor the `next_cursor` of the page before, or empty
public record DeviceQuery(String status, String type, String search, Among among, Sort sort, boolean isDescending,
                          int limit, int offset, String cursor) {

    /// Only devices of these ids, or only others.
    public record Among(long[] ids, boolean isWanted) {
        public static final Among ALL = new Among(new long[0], false);

        /// Those of its ids that are let through here.
        Among those(long[] members) {
            if (ids.length == 0 && !isWanted) return new Among(members, true);
            var known = ids.clone();
            Arrays.sort(known);
            return new Among(Arrays.stream(members)
                    .filter(id -> Arrays.binarySearch(known, id) >= 0 == isWanted).toArray(), true);
        }
    }

    /// By what to sort; ties are broken by id, so that pages never overlap.
    public enum Sort {
        ID("id", Kind.NUMBER), NAME("name", Kind.TEXT), DEVICE_TYPE("device_type", Kind.TEXT),
        STATUS("status", Kind.TEXT), CREATED_AT("created_at", Kind.TIME), UPDATED_AT("updated_at", Kind.TIME),
        LAST_SEEN("coalesce(last_seen, 'epoch')", Kind.TIME);

        private enum Kind { NUMBER, TEXT, TIME }

        private final String column;
        private final Kind kind;

        Sort(String column, Kind kind) {
            this.column = column;
            this.kind = kind;
        }

        /// What a cursor keeps of it.
        private String position() {
            return kind == Kind.TIME ? "(extract(epoch FROM " + column + ") * 1000000)::bigint" : column;
        }

        /// The same back again.
        private String fromPosition() {
            return switch (kind) {
                case NUMBER -> "CAST(:position AS bigint)";
                case TEXT -> "CAST(:position AS text)";
                case TIME -> "(timestamptz 'epoch' + CAST(:position AS bigint) * interval '1 microsecond')";
            };
        }
    }

    private record Position(String value, long id) {}

    /// Where a device stands in an order by numbers.
    record Place(long value, long id) {}

    public DeviceQuery {
        if (limit < 1 || limit > Limits.PAGE_MAX) {
            throw PlatformException.invalid("limit", "must be a whole number from 1 to " + Limits.PAGE_MAX);
        }
        if (offset < 0) throw PlatformException.invalid("offset", "must not be negative");
        if (!status.isEmpty()) DeviceStatus.of(status);
        if (!StorableText.accepts(type)) throw PlatformException.invalid("device_type", "has broken characters");
        if (!StorableText.accepts(search)) throw PlatformException.invalid("search", "has broken characters");
        if (!cursor.isEmpty() && offset > 0) throw PlatformException.invalid("offset", "excludes cursor");
        if (!cursor.isEmpty()) position(cursor, sort);
    }

    /// Every living device, by id.
    public static DeviceQuery all() {
        return new DeviceQuery("", "", "", Among.ALL, Sort.ID, false, Limits.PAGE_DEFAULT, 0, "");
    }

    public DeviceQuery withSort(Sort newSort, boolean newDescending) {
        return new DeviceQuery(status, type, search, among, newSort, newDescending, limit, offset, cursor);
    }

    /// The same without the search, which has found these.
    DeviceQuery withFound(long[] ids) {
        return new DeviceQuery(status, type, "", among.those(ids), sort, isDescending, limit, offset, cursor);
    }

    public DeviceQuery withPage(int newLimit, String newCursor) {
        return new DeviceQuery(status, type, search, among, sort, isDescending, newLimit, 0, newCursor);
    }

    /// The cursor of the page that begins after this device.
    String cursorAfter(long last, String position) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(
                (last + " " + position).getBytes(StandardCharsets.UTF_8));
    }

    /// The SQL expression of what a cursor keeps.
    String position() {
        return sort.position();
    }

    String condition() {
        var all = new StringBuilder(status.isEmpty() ? "status <> 'decommissioned'" : "status = :status");
        if (!type.isEmpty()) all.append(" AND device_type = :type");
        if (!among.equals(Among.ALL)) all.append(among.isWanted() ? " AND id = ANY(:ids)" : " AND id <> ALL(:ids)");
        if (!search.isEmpty()) {
            all.append("""
                     AND (strpos(lower(name), lower(:search)) > 0 OR strpos(lower(description), lower(:search)) > 0
                    OR strpos(lower(location), lower(:search)) > 0)""");
        }
        return all.toString();
    }

    /// Whether [Statuses] can answer, which has living devices only.
    boolean isOfLiving() {
        return !status.equals(DeviceStatus.DECOMMISSIONED.word());
    }

    /// Whether the database finds the same as memory: it knows the small letters of ASCII only.
    boolean searchesAscii() {
        return search.chars().allMatch(it -> it < 128);
    }

    /// Asked of lines, of which `among` is not.
    Predicate<Statuses.Line> lines() {
        var part = search.toLowerCase(Locale.ROOT);
        return line -> (status.isEmpty() || status.equals(line.status().word()))
                && (type.isEmpty() || type.equals(line.type())) && line.searched().contains(part);
    }

    /// Where the page before has ended, in an order by numbers; empty for the first page.
    Optional<Place> after() {
        if (cursor.isEmpty()) return Optional.empty();
        var last = position(cursor, sort);
        return Optional.of(new Place(Long.parseLong(last.value()), last.id()));
    }

    String afterCursor() {
        if (cursor.isEmpty()) return "";
        return " AND (" + sort.column + ", id) " + (isDescending ? "<" : ">") + " (" + sort.fromPosition() + ", :id)";
    }

    String order() {
        var direction = isDescending ? " DESC" : " ASC";
        return sort.column + direction + ", id" + direction;
    }

    void bind(SqlStatement<?> statement) {
        if (!status.isEmpty()) statement.bind("status", status);
        if (!type.isEmpty()) statement.bind("type", type);
        if (!among.equals(Among.ALL)) statement.bind("ids", among.ids());
        if (!search.isEmpty()) statement.bind("search", search);
    }

    void bindPage(SqlStatement<?> statement, int atMost) {
        statement.bind("limit", atMost).bind("offset", offset);
        if (cursor.isEmpty()) return;
        var at = position(cursor, sort);
        statement.bind("position", at.value()).bind("id", at.id());
    }

    private static Position position(String cursor, Sort sort) {
        try {
            var text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            var space = text.indexOf(' ');
            var value = text.substring(space + 1);
            if (!StorableText.accepts(value)) throw new IllegalArgumentException("not a text");
            if (sort.kind != Sort.Kind.TEXT) Long.parseLong(value);
            return new Position(value, Long.parseLong(text.substring(0, space)));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new PlatformException(ErrorCode.INVALID, "cursor must be a next_cursor of the same list and sort");
        }
    }
}
