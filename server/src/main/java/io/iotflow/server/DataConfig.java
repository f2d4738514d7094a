package io.iotflow.server;

import io.iotflow.server.core.Setting;
import java.nio.file.Path;

/// Where everything is kept.
public record DataConfig(
        @Setting(value = "data", doc = "Folder for all data of the platform, relative, like every "
                + "path in the configuration, to the folder in which the platform is started.") Path folder,
        @Setting(value = "1", doc = "Threads that deal with committed events, each for its share of the devices.")
        int lanes) {

    public DataConfig {
        if (lanes < 1 || lanes > 64) throw new IllegalArgumentException("data.lanes is 1 to 64");
    }
}
