package io.iotflow.server.batch;

import static io.iotflow.server.TestPlatform.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.TestFirmware;
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
        assertThat(platform.get("/api/v1/audit?action=configuration.set&limit=3").path("entries")
                .findValuesAsText("name")).containsSubsequence("many-2", "many-1", "many-0");
        assertThat(platform.send("GET", "/api/v1/devices/config", "", "X-API-Key", made.getFirst().key()).body())
                .contains("\"interval\"");

        assertThat(counts(done("{'operation':'delete'," + names + "}"))).isEqualTo("0 3 0 0");
        assertThat(platform.send("GET", "/api/v1/devices/config", "", "X-API-Key", made.getFirst().key()).statusCode())
                .isEqualTo(401);
        await("the command's end", () -> platform.get("/api/v1/commands?device=" + made.getFirst().id())
                .path("commands").path(0).path("status").asText().equals("cancelled"));
    }

    @Test
    void devicesComeOntoListsAndGoFromThem() {
        devices("grouped-", 3);
        for (var name : List.of("yard", "shed")) {
            platform.call("POST", "/api/v1/groups", "{\"name\":\"" + name + "\"}");
        }
        platform.call("POST", "/api/v1/groups", "{\"name\":\"all\",\"filter\":\"true\"}");
        var add = "{'operation':'group'," + filter("grouped-") + ",'params':{'add':'yard'}%s}";
        assertThat(counts(start(add.formatted(",'dry_run':true")))).isEqualTo("0 3 0 0");
        assertThat(counts(done(add.formatted("")))).isEqualTo("0 3 0 0");
        assertThat(counts(start(add.formatted(",'dry_run':true")))).isEqualTo("0 0 3 0");
        assertThat(counts(done(add.formatted(",'atomic':true")))).isEqualTo("0 0 3 0");
        var move = "{'operation':'group','devices':['grouped-0','grouped-1'],"
                + "'params':{'add':'shed','remove':'yard'}}";
        assertThat(counts(done(move))).isEqualTo("0 2 0 0");
        assertThat(platform.get("/api/v1/groups/yard/devices").path("devices").findValuesAsText("name"))
                .containsExactly("grouped-2");
        assertThat(platform.get("/api/v1/groups/shed/devices").path("devices").findValuesAsText("name"))
                .containsExactly("grouped-0", "grouped-1");
        assertThat(platform.get("/api/v1/audit?action=group.members_changed").path("entries").size()).isEqualTo(3);
        refused(409, add.formatted("").replace("yard", "all"));
        refused(404, add.formatted("").replace("yard", "nowhere"));
        refused(422, move.replace("yard", "shed"));
    }

    private static void refused(int status, String body) {
        assertThat(platform.send("POST", "/api/v1/devices/batch", body.replace('\'', '"').replace('~', '\''),
                "Authorization", "admin " + TestPlatform.TOKEN).statusCode()).as(body).isEqualTo(status);
    }

    @Test
    void firmwareIsOfferedToEachDeviceByItself() {
        devices("lamp-", 4);
        try (var firmware = TestFirmware.on(platform)) {
            var image = firmware.ready("2.0", new byte[] {1, 2, 3}, "");
            var other = firmware.ready("3.0", new byte[] {4}, "");
            platform.call("PUT", "/api/v1/admin/devices/lamp-1", "{\"firmware_version\":\"2.0\"}");
            platform.call("PUT", "/api/v1/admin/devices/lamp-2/status", "{\"status\":\"quarantined\"}");
            platform.call("POST", "/api/v1/devices/lamp-3/updates", "{\"firmware_id\":" + other + "}");
            var offer = "{'operation':'firmware'," + filter("lamp-") + ",'params':{'firmware_id':" + image + "}%s}";
            assertThat(counts(done(offer.formatted(",'atomic':true")))).isEqualTo("0 0 0 4");
            assertThat(platform.get("/api/v1/devices/lamp-0/updates").path("count").asInt()).isZero();
            assertThat(counts(start(offer.formatted(",'dry_run':true")))).isEqualTo("0 1 1 2");
            assertThat(counts(done(offer.formatted("")))).isEqualTo("0 1 1 2");
            assertThat(platform.get("/api/v1/devices/lamp-0/updates").at("/updates/0/version").asText())
                    .isEqualTo("2.0");
            assertThat(counts(done(offer.formatted("")))).as("offered already").isEqualTo("0 0 2 2");
            assertThat(platform.get("/api/v1/audit?target=lamp-0").toString()).contains("firmware.offered");
            refused(409, offer.formatted("").replace(image, firmware.announced("4.0", new byte[] {5}, "")));
            refused(404, offer.formatted("").replace(":" + image, ":999999"));
        }
    }

    @Test
    void aConfigurationIsSetToAllOrNone() {
        devices("strict-", 3);
        platform.call("PUT", "/api/v1/admin/devices/strict-0", "{\"device_type\":\"strict\"}");
        platform.call("PUT", "/api/v1/configurations/schema?device_type=strict", "{\"schema\":{\"maxProperties\":0}}");
        var wish = "{'operation':'set_configuration'," + filter("strict-")
                + ",'params':{'key':'interval','value':5}%s}";
        assertThat(counts(done(wish.formatted(",'atomic':true")))).isEqualTo("0 0 0 3");
        assertThat(platform.get("/api/v1/devices/strict-2/configurations").path("versions").size()).isZero();
        assertThat(counts(done(wish.formatted("")))).as("one by one").isEqualTo("0 2 0 1");
        assertThat(platform.get("/api/v1/devices/strict-0/configurations").path("versions").size()).isZero();
        platform.call("DELETE", "/api/v1/configurations/schema?device_type=strict", "");
        assertThat(counts(done(wish.formatted(",'atomic':true")))).isEqualTo("0 1 2 0");
    }

    @Test
    void moreThanOnePartHasAreDoneInParts() {
        devices("crowd-", 250);
        var batch = done("{'operation':'set_tags'," + filter("crowd-") + ",'params':{'set':{'n':1}}}");
        assertThat(counts(batch)).isEqualTo("0 250 0 0");
        refused(422, "{'operation':'set_configuration'," + filter("crowd-")
                + ",'params':{'key':'a','value':1},'atomic':true}");
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
                "{'operation':'set_configuration','filter':'true','params':{'key':'','value':1}}",
                "{'operation':'group','filter':'true','params':{}}",
                "{'operation':'firmware','filter':'true','params':{'firmware_id':'x'}}",
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
