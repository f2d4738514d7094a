/// PostgreSQL, embedded or elsewhere: the pool, the migrations in `db/migration`, and notifications between nodes.
/// Start reading at `Database`. Features keep their SQL in their own stores; this package knows none of them and
/// uses `core` only.
package io.iotflow.server.database;
