package io.iotflow.server.configuration;

/// JSON Pointers (RFC 6901): keys may have dots and slashes in them.
final class Pointer {
    private Pointer() {}

    /// The path of a field of what is at `path`; the whole is at the empty path.
    static String below(String path, String field) {
        return path + "/" + field.replace("~", "~0").replace("/", "~1");
    }
}
