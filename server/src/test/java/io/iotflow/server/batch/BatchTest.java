package io.iotflow.server.batch;

import static io.iotflow.server.TestPlatform.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestPlatform;
import io.iotflow.server.TestPlatform.TestDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What is done to many devices, as an operator sees it.
class BatchTest {
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        platform = TestPlatform.start();
    }

    @AfterAll
    static void stop() {
        platform.close();
    }

    private static List<TestDevice> devices(String prefix, int count) {
        var made = new ArrayList<TestDevice>();
        for (var n = 0; n < count; n++) made.add(platform.device(prefix + n));
        return made;
    }

    /// @param body with `'` for `"` and `~` for `'`
    private static JsonNode start(String body) {
        return platform.call("POST", "/api/v1/devices/batch", body.replace('\'', '"').replace('~', '\''));
    }

    private static JsonNode done(String body) {
        var id = start(body).path("id").asText();
        return await(() -> platform.get("/api/v1/batches/" + id), it -> it.path("status").asText().equals("done"));
    }

    private static String counts(JsonNode batch) {
        var counts = batch.path("counts");
        return counts.path("waiting") + " " + counts.path("done") + " " + counts.path("unchanged") + " "
                + counts.path("failed");
    }

    private static JsonNode device(String name) {
        return platform.get("/api/v1/admin/devices/" + name).path("device");
    }

    private static String filter(String prefix) {
        return "'filter':'device.name.startsWith(~" + prefix + "~)'";
    }

    @Test
    void whatWouldBeIsToldAndThenDone() {
        devices("tagged-", 5);
        platform.call("PUT", "/api/v1/admin/devices/tagged-1", "{\"metadata\":{\"tags\":{\"site\":\"north\"}}}");
        platform.call("PUT", "/api/v1/admin/devices/tagged-2", "{\"metadata\":{\"tags\":\"none\"}}");
        var wish = "{'operation':'set_tags'," + filter("tagged-") + ",'params':{'set':{'site':'north'}}%s}";
        var preview = start(wish.formatted(",'dry_run':true"));
        assertThat(counts(preview)).isEqualTo("0 3 1 1");
        assertThat(preview.path("outcomes").findValuesAsText("device_name")).containsExactly("tagged-0", "tagged-1",
                "tagged-2", "tagged-3", "tagged-4");
        assertThat(device("tagged-0").at("/metadata/tags").isMissingNode()).isTrue();

        var batch = done(wish.formatted(""));
        assertThat(counts(batch)).isEqualTo("0 3 1 1");
        assertThat(device("tagged-4").at("/metadata/tags/site").asText()).isEqualTo("north");
        var failed = platform.get("/api/v1/batches/" + batch.path("id").asText() + "/outcomes?outcome=failed")
                .path("outcomes");
        assertThat(failed.findValuesAsText("device_name")).containsExactly("tagged-2");
        assertThat(failed.path(0).path("detail").asText()).contains("something else as tags");
        assertThat(platform.get("/api/v1/batches").path("batches").findValuesAsText("id"))
                .contains(batch.path("id").asText());
        var page = platform.get("/api/v1/batches/" + batch.path("id").asText() + "/outcomes?limit=3");
        assertThat(page.path("outcomes").size()).isEqualTo(3);
        assertThat(platform.get("/api/v1/batches/" + batch.path("id").asText() + "/outcomes?limit=3&cursor="
                + page.path("next_cursor").asText()).path("outcomes").size()).isEqualTo(2);
        assertThat(platform.get("/api/v1/audit?target=tagged-4").toString()).contains("device.updated");
    }

    @Test
    void allOrNoneMeansNoneWhenOneRefuses() {
        devices("atomic-", 4);
        platform.call("PUT", "/api/v1/admin/devices/atomic-2/status", "{\"status\":\"quarantined\"}");
        platform.call("DELETE", "/api/v1/admin/devices/atomic-3", "");
        var batch = done("{'operation':'set_status'," + filter("atomic-")
                + ",'params':{'status':'inactive'},'atomic':true}");
        assertThat(counts(batch)).isEqualTo("0 3 0 0");
        assertThat(device("atomic-0").path("status").asText()).isEqualTo("inactive");

        platform.call("PUT", "/api/v1/admin/devices/atomic-1", "{\"metadata\":{\"tags\":\"none\"}}");
        batch = done("{'operation':'set_tags','devices':['atomic-0','atomic-1','atomic-2'],"
                + "'params':{'set':{'a':1}},'atomic':true}");
        assertThat(counts(batch)).isEqualTo("0 0 0 3");
        assertThat(platform.get("/api/v1/batches/" + batch.path("id").asText() + "/outcomes").path("outcomes").path(0)
                .path("detail").asText()).contains("nothing was done").contains("atomic-1");
        assertThat(device("atomic-0").at("/metadata/tags").isMissingNode()).isTrue();
    }

    @Test
    void commandsConfigurationsAndEndsGoToMany() {
        var made = devices("many-", 3);
        platform.call("PUT", "/api/v1/admin/devices/many-1/status", "{\"status\":\"inactive\"}");
        var names = "'devices':['many-0','many-1','many-2']";
        var batch = done("{'operation':'command'," + names + ",'params':{'type':'blink','parameters':{'times':2}}}");
        assertThat(counts(batch)).isEqualTo("0 2 0 1");
        assertThat(platform.get("/api/v1/devices/many-0/commands").path("commands").path(0).at("/parameters/times")
                .asInt()).isEqualTo(2);

        var configure = "{'operation':'set_configuration'," + names + ",'params':{'key':'interval','value':5}}";
        assertThat(counts(done(configure))).isEqualTo("0 3 0 0");
        assertThat(counts(done(configure))).isEqualTo("0 0 3 0");
        assertThat(platform.send("GET", "/api/v1/devices/config", "", "X-API-Key", made.getFirst().key()).body())
                .contains("\"interval\"");

        assertThat(counts(done("{'operation':'delete'," + names + "}"))).isEqualTo("0 3 0 0");
        assertThat(platform.send("GET", "/api/v1/devices/config", "", "X-API-Key", made.getFirst().key()).statusCode())
                .isEqualTo(401);
        await("the command's end", () -> platform.get("/api/v1/commands?device=" + made.getFirst().id())
                .path("commands").path(0).path("status").asText().equals("cancelled"));
    }

    @Test
    void moreThanOnePartHasAreDoneInParts() {
        devices("crowd-", 250);
        var batch = done("{'operation':'set_tags'," + filter("crowd-") + ",'params':{'set':{'n':1}}}");
        assertThat(counts(batch)).isEqualTo("0 250 0 0");
        assertThat(device("crowd-249").at("/metadata/tags/n").asInt()).isEqualTo(1);
    }

    @Test
    void whatIsNoBatchIsRefusedWithItsReason() {
        for (var wrong : List.of("{}", "{'operation':'fly','devices':['a']}", "{'operation':'delete'}",
                "{'operation':'delete','devices':['nobody']}", "{'operation':'delete','filter':'device.'}",
                "{'operation':'set_status','filter':'true','params':{'status':'decommissioned'}}",
                "{'operation':'set_status','filter':'true','params':{'status':'lost'}}",
                "{'operation':'set_tags','filter':'true','params':{'set':{}}}",
                "{'operation':'set_tags','filter':'true','params':{'set':{'a':1},'b':2}}",
                "{'operation':'set_configuration','filter':'true','params':{'key':'a','value':1},'atomic':true}",
                "{'operation':'command','filter':'true','params':{}}",
                "{'operation':'delete','filter':'true','x':1}")) {
            assertThat(platform.send("POST", "/api/v1/devices/batch", wrong.replace('\'', '"'), "Authorization",
                    "admin " + TestPlatform.TOKEN).statusCode()).as(wrong).isEqualTo(422);
        }
        var reader = platform.call("POST", "/api/v1/tokens", "{\"name\":\"reader\",\"permissions\":[\"devices:read\"],"
                + "\"expires_at\":\"+1d\"}").path("token").asText();
        assertThat(platform.send("POST", "/api/v1/devices/batch", "{\"operation\":\"delete\",\"filter\":\"true\"}",
                "Authorization", "Bearer " + reader).statusCode()).isEqualTo(403);
    }
}
