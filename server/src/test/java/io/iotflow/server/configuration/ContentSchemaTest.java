package io.iotflow.server.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.PlatformException.FieldError;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContentSchemaTest {
    private static JsonNode json(String text) {
        try {
            return Json.mapper().readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> fields(List<FieldError> errors) {
        return errors.stream().map(FieldError::field).toList();
    }

    private static void refused(String schema, String field) {
        assertThatThrownBy(() -> ContentSchema.of(json(schema))).isInstanceOfSatisfying(PlatformException.class, it ->
                assertThat(fields(it.errors())).as(it.getMessage()).contains(field));
    }

    @Test
    void violationsAreNamedByTheirPaths() {
        var schema = ContentSchema.of(json("{'$id':'https://example.com/x','$defs':{'degrees':{'type':'number',"
                + "'maximum':100}},'properties':{'high':{'$ref':'#/$defs/degrees'},'net':{'type':'object','properties':"
                + "{'ssid':{'type':'string','pattern':'^[a-z]+$'}},'required':['ssid']}},'required':['high'],"
                + "'additionalProperties':false}"));
        assertThat(schema.violations(json("{'high':99.5,'net':{'ssid':'home'}}"))).isEmpty();
        assertThat(fields(schema.violations(json("{'high':101,'net':{'ssid':'A b'}}"))))
                .containsExactlyInAnyOrder("configuration/high", "configuration/net/ssid");
        assertThat(fields(schema.violations(json("{'net':{},'x/y':1}")))).containsExactlyInAnyOrder(
                "configuration/high", "configuration/net/ssid", "configuration/x~1y");
    }

    @Test
    void ofOneLevelOnlyThatIsWrongWhichOthersCannotMend() {
        var schema = ContentSchema.of(json("{'properties':{'a':{'type':'integer'}},'required':['a','b'],"
                + "'anyOf':[{'required':['c']},{'properties':{'a':{'const':7}},'required':['a']}]}"));
        assertThat(schema.violations(json("{'b':1}"))).isNotEmpty();
        assertThat(schema.certainViolations(json("{'b':1}"))).isEmpty();
        assertThat(schema.certainViolations(json("{'a':8}"))).isEmpty();
        assertThat(fields(schema.certainViolations(json("{'a':'x'}")))).containsExactly("configuration/a");
    }

    @Test
    void whatIsNoSchemaOrCouldTakeForEverIsRefusedByItsPath() {
        refused("[]", "schema");
        refused("{'type':'nothing'}", "schema/type");
        refused("{'properties':{'a':{'minimum':'x'}}}", "schema/properties/a/minimum");
        refused("{'$schema':'http://json-schema.org/draft-04/schema#'}", "schema/$schema");
        refused("{'pattern':'('}", "schema/pattern");
        refused("{'patternProperties':{'(':{}}}", "schema/patternProperties/(");
        refused("{'$ref':'#'}", "schema/$ref");
        refused("{'items':{'$ref':'#'}}", "schema/items/$ref");
        refused("{'$defs':{'a':{'$ref':'#/$defs/b'},'b':{'$ref':'#/$defs/a'}}}", "schema/$defs/a/$ref/$ref");
        refused("{'$ref':'#/$defs/none'}", "schema/$ref");
        refused("{'$ref':'other.json'}", "schema/$ref");
        refused("{'$dynamicRef':'#x'}", "schema/$dynamicRef");
        refused("{'properties':{'a':{'$id':'x'}}}", "schema/properties/a/$id");
        refused("{'maximum':1e400}", "schema");
        var bomb = new StringBuilder("{'$ref':'#/$defs/n0','$defs':{");
        for (var n = 0; n < 30; n++) {
            bomb.append("'n%d':{'allOf':[{'$ref':'#/$defs/n%d'},{'$ref':'#/$defs/n%d'}]},".formatted(n, n + 1, n + 1));
        }
        assertThatThrownBy(() -> ContentSchema.of(json(bomb + "'n30':{}}}")))
                .hasMessageContaining("with every $ref written out");
    }

    @Test
    void aPatternThatTakesTooLongIsGivenUp() {
        var schema = ContentSchema.of(json("{'properties':{'a':{'pattern':'^a*a*a*a*a*$'},"
                + "'b':{'pattern':'(x|y)*z'}}}"));
        var began = System.nanoTime();
        assertThat(schema.violations(json("{'a':'" + "a".repeat(300) + "!'}"))).hasSize(1).allSatisfy(it ->
                assertThat(it.detail()).contains("takes too long"));
        assertThat(schema.violations(json("{'b':'" + "x".repeat(60_000) + "'}"))).isNotEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        assertThat(schema.violations(json("{'a':'aaa'}"))).isEmpty();
    }

    @Test
    void nothingIsFetched() throws Exception {
        try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(200);
            var address = "http://127.0.0.1:" + server.getLocalPort() + "/s.json";
            refused("{'$ref':'" + address + "'}", "schema/$ref");
            refused("{'$schema':'" + address + "'}", "schema/$schema");
            var schema = ContentSchema.of(json("{'$id':'" + address + "','properties':{'a':{'$ref':'#/$defs/b'}},"
                    + "'$defs':{'b':{'type':'string'}}}"));
            assertThat(schema.violations(json("{'a':1}"))).hasSize(1);
            assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
        }
    }
}
