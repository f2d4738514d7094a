package io.iotflow.server.database;

import io.iotflow.server.core.OrganizationPath;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/// Statements by JDBC alone, for the few that every report or act of every device makes: what Jdbi does around a
/// statement takes longer than PostgreSQL takes for it. Values are bound in their order, in the driver's types; `null`
/// needs a cast in the statement where PostgreSQL cannot know its type.
public final class PlainSql {
    /// Reads a row.
    @FunctionalInterface
    public interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    private static final class Failed extends JdbiException {
        private static final long serialVersionUID = 1L;

        private Failed(SQLException cause) {
            super(cause);
        }
    }

    private static final String NARROW = "SELECT set_config('iotflow.organization', ?, true)";

    private PlainSql() {}

    public static <T> Optional<T> first(Handle handle, String sql, Row<T> read, Object... values) {
        try (var statement = prepared(handle, sql, values); var rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(read.of(rows)) : Optional.empty();
        } catch (SQLException e) {
            throw new Failed(e);
        }
    }

    /// Outside of a transaction: the scope and the statement go to PostgreSQL together, which makes one transaction of
    /// what comes together.
    static <T> Optional<T> first(Handle handle, OrganizationPath scope, String sql, Row<T> read, Object... values) {
        var all = new Object[values.length + 1];
        all[0] = scope.text();
        System.arraycopy(values, 0, all, 1, values.length);
        try (var statement = prepared(handle, NARROW + "; " + sql, all)) {
            statement.execute();
            if (!statement.getMoreResults()) throw new IllegalStateException("BUG: it reads nothing: " + sql);
            try (var rows = statement.getResultSet()) {
                return rows.next() ? Optional.of(read.of(rows)) : Optional.empty();
            }
        } catch (SQLException e) {
            throw new Failed(e);
        }
    }

    /// Only rows of this organization and those below are there until the transaction ends.
    static void narrow(Handle handle, OrganizationPath scope) {
        run(handle, NARROW, scope.text());
    }

    /// Whatever it answers.
    public static void run(Handle handle, String sql, Object... values) {
        try (var statement = prepared(handle, sql, values)) {
            statement.execute();
        } catch (SQLException e) {
            throw new Failed(e);
        }
    }

    /// Once with each of these values, all sent together.
    public static void runAll(Handle handle, String sql, List<Object[]> values) {
        if (values.isEmpty()) return;
        try (var statement = prepared(handle, sql, values.getFirst())) {
            statement.addBatch();
            for (var more : values.subList(1, values.size())) {
                bind(statement, more);
                statement.addBatch();
            }
            statement.executeBatch();
        } catch (SQLException e) {
            throw new Failed(e);
        }
    }

    private static PreparedStatement prepared(Handle handle, String sql, Object... values) throws SQLException {
        var statement = handle.getConnection().prepareStatement(sql);
        try {
            bind(statement, values);
            return statement;
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    private static void bind(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
    }
}
