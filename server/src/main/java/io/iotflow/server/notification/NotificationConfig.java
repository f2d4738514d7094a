package io.iotflow.server.notification;

import io.iotflow.server.core.Setting;
import java.nio.file.Path;
import java.util.Optional;

/// How notifications leave the platform.
public record NotificationConfig(
        @Setting(value = "false", doc = "Whether webhooks, chats, SMS gateways and mail servers may be on this machine"
                + " or at private addresses. Whoever may write channels or rules can then reach what this machine"
                + " reaches: turn it on only where all of them may.")
        boolean allowPrivateAddresses,
        @Setting(value = "32", doc = "Notifications that are sent at the same time, to all receivers together.")
        int concurrency,
        @Setting(value = "", doc = "PEM file with the certificate authorities to trust at webhooks, gateways and mail"
                + " servers; empty trusts the JDK's.")
        Optional<Path> caFile) {
    private static final int MOST = 1_000;

    public NotificationConfig {
        if (concurrency < 1 || concurrency > MOST) {
            throw new IllegalArgumentException("notification.concurrency must be from 1 to " + MOST);
        }
    }
}
