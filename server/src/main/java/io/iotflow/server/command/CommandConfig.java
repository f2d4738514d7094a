package io.iotflow.server.command;

import io.iotflow.server.core.Setting;
import java.time.Duration;

/// How long commands are kept.
public record CommandConfig(
        @Setting(value = "90d", doc = "How long a command is kept after it has ended.") Duration keep) {

    public CommandConfig {
        if (keep.compareTo(Duration.ofHours(1)) < 0) {
            throw new IllegalArgumentException("keep must be at least 1h");
        }
    }

    public static CommandConfig standard() {
        return new CommandConfig(Duration.ofDays(90));
    }
}
