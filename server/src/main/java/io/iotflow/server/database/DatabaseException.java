package io.iotflow.server.database;

import io.iotflow.server.core.CannotStart;

/// The database cannot be opened.
public final class DatabaseException extends CannotStart {
    private static final long serialVersionUID = 1L;

    DatabaseException(String message) {
        super(message);
    }

    DatabaseException(String message, Throwable cause) {
        super(message, cause);
    }
}
