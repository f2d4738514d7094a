package io.iotflow.server.encryption;

/// A key in the database is not what the platform has put there.
final class KeyDamaged extends RuntimeException {
    private static final long serialVersionUID = 1;

    KeyDamaged(int key) {
        super("key " + key + " was not wrapped by the platform's wrapping key; put the row back from a backup, or"
                + " destroy the organization's keys");
    }
}
