package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.core.CannotStart;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir
    Path folder;

    @Test
    void isForOnePlatformAtATime() throws Exception {
        var path = folder.resolve("new/data");
        try (var data = DataFolder.lock(path)) {
            assertThat(data.path()).isAbsolute().isDirectory();
            assertThatThrownBy(() -> DataFolder.lock(path)).isInstanceOf(CannotStart.class)
                    .hasMessageContaining("another IoTFlow is running on " + path);
        }
        DataFolder.lock(path).close();
    }

    @Test
    void saysWhichFolderCannotBeUsed() throws Exception {
        var file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> DataFolder.lock(file)).isInstanceOf(CannotStart.class)
                .hasMessageContaining(file + " is no folder").hasMessageContaining("choose another with --data");
        assertThatThrownBy(() -> DataFolder.lock(file.resolve("data"))).isInstanceOf(CannotStart.class)
                .hasMessageContaining(file.toString());
    }
}
