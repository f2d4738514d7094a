package io.iotflow.server.database;

/// The database cannot be opened. The message is a plain sentence for the operator, to be shown without a stack trace.
public final class DatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DatabaseException(String message) {
        super(message);
    }

    DatabaseException(String message, Throwable cause) {
        super(message, cause);
    }
}
