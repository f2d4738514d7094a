package io.iotflow.server;

/// Which IoTFlow this is.
final class Version {
    /// As the build has written it into the jar.
    static final String NUMBER =
            java.util.Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "development");

    private Version() {}
}
