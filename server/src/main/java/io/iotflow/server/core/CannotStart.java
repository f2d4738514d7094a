package io.iotflow.server.core;

/// The platform cannot start until the operator mends something. The message is a plain sentence that says what, to be
/// shown without a stack trace.
public class CannotStart extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CannotStart(String message) {
        super(message);
    }

    public CannotStart(String message, Throwable cause) {
        super(message, cause);
    }

    public static CannotStart portTaken(String host, int port, String setting) {
        return new CannotStart("cannot listen on " + host + ", port " + port + "; is it in use? Choose another with "
                + setting);
    }
}
