package io.iotflow.server.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MergedTest {
    private static JsonNode json(String text) {
        try {
            return Json.mapper().readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The level of a group of that number.
    private static Level level(int number, JsonNode values) {
        return new Level(new Target.OfGroup(number), OrganizationPath.ROOT, 1, Content.entries("configuration", values,
                JsonNodeFactory.instance.objectNode(), Instant.ofEpochSecond(number)));
    }

    private static List<Level> levels(List<? extends JsonNode> values) {
        return IntStream.range(0, values.size()).mapToObj(i -> level(i + 1, values.get(i))).toList();
    }

    private static Merged merged(String... values) {
        var levels = new ArrayList<JsonNode>();
        for (var it : values) levels.add(json(it));
        return Merged.of(levels(levels));
    }

    private static void check(String expected, String... values) {
        assertThat(Content.values(merged(values).entries())).isEqualTo(json(expected));
    }

    /// Paths and the numbers of the levels.
    private static String sources(Merged merged) {
        var text = new StringBuilder();
        merged.sources().forEach((path, level) -> text.append(path).append(' ')
                .append(level.target().text().substring("group:".length())).append(' '));
        return text.toString().strip();
    }

    @Test
    void innerLevelsAddReplaceAndTakeAway() {
        check("{}");
        check("{}", "{}", "{'a':null}");
        check("{'a':1}", "{'a':1}");
        check("{'a':2,'b':3}", "{'a':1,'b':3}", "{'a':2}");
        check("{'b':3}", "{'a':1,'b':3}", "{'a':null}");
        check("{'a':{'x':1,'y':{'p':1,'q':2}}}", "{'a':{'x':1,'y':{'p':1}}}", "{'a':{'y':{'q':2}}}");
        check("{'a':{}}", "{'a':{'x':1}}", "{'a':{'x':null}}");
        check("{'a':[3]}", "{'a':[1,2]}", "{'a':[3]}");
        check("{'a':5}", "{'a':{'x':1}}", "{'a':5}");
        check("{'a':{'y':2}}", "{'a':{'x':1}}", "{'a':5}", "{'a':{'y':2,'z':null}}");
        check("{'a':{'y':2}}", "{'a':{'x':1}}", "{'a':null}", "{'a':{'y':2}}");
    }

    @Test
    void eachValueKnowsItsLevel() {
        assertThat(sources(merged("{'a':1,'b':1}", "{'b':2}", "{'c':{}}"))).isEqualTo("/a 1 /b 2 /c 3");
        assertThat(sources(merged("{'a':{'x':1,'y':1}}", "{'a':{'y':2}}"))).isEqualTo("/a/x 1 /a/y 2");
        assertThat(sources(merged("{'a':{'x':1,'y':1}}", "{'a':7}"))).isEqualTo("/a 2");
        assertThat(sources(merged("{'a':7}", "{'a':{'x':1}}"))).isEqualTo("/a/x 2");
        assertThat(sources(merged("{'a':{'x':1},'a-b':2}", "{'a':null}"))).isEqualTo("/a-b 1");
        assertThat(sources(merged("{'a/b':{'x~y':1}}"))).isEqualTo("/a~1b/x~0y 1");
    }

    @Test
    void anEntryIsAsNewAsTheNewestLevelThatSaysSomethingOfItAndOfTheInnermostType() {
        var entries = merged("{'a':{'x':1},'b':1}", "{'a':{'y':1}}", "{'b':'x'}").entries();
        assertThat(entries.at("/a/updated_at").asText()).isEqualTo("1970-01-01T00:00:02Z");
        assertThat(entries.at("/a/data_type").asText()).isEqualTo("json");
        assertThat(entries.at("/b/updated_at").asText()).isEqualTo("1970-01-01T00:00:03Z");
        assertThat(entries.at("/b/data_type").asText()).isEqualTo("string");
    }

    @Provide
    Arbitrary<List<JsonNode>> documents() {
        var leaf = Arbitraries.of("null", "1", "2", "'x'", "[1]", "{}").map(MergedTest::json);
        var inner = Arbitraries.maps(Arbitraries.of("x", "y"), leaf).ofMaxSize(2).map(MergedTest::object);
        var whole = Arbitraries.maps(Arbitraries.of("a", "b", "c"), Arbitraries.oneOf(leaf, inner)).ofMaxSize(3)
                .map(MergedTest::object);
        return whole.list().ofMinSize(1).ofMaxSize(5);
    }

    private static JsonNode object(Map<String, ? extends JsonNode> fields) {
        var object = JsonNodeFactory.instance.objectNode();
        fields.forEach(object::set);
        return object;
    }

    @Property
    void theOuterLevelsMayBePutTogetherFirst(@ForAll("documents") List<JsonNode> documents) {
        var all = Content.values(Merged.of(levels(documents)).entries());
        for (var cut = 1; cut <= documents.size(); cut++) {
            var outer = Content.values(Merged.of(levels(documents.subList(0, cut))).entries());
            var rest = new ArrayList<JsonNode>(List.of(outer));
            rest.addAll(documents.subList(cut, documents.size()));
            assertThat(Content.values(Merged.of(levels(rest)).entries())).isEqualTo(all);
        }
    }

    @Property
    void whatDiffersSaysHowToGetFromOneToTheOther(@ForAll("documents") List<JsonNode> documents) {
        var before = documents.getFirst();
        var after = documents.getLast();
        var changed = before.deepCopy();
        for (var it : Difference.between(before, after)) {
            var at = it.path().lastIndexOf('/');
            var parent = (ObjectNode) changed.at(it.path().substring(0, at));
            it.after().ifPresentOrElse(value -> parent.set(it.path().substring(at + 1), value),
                    () -> parent.remove(it.path().substring(at + 1)));
        }
        assertThat(changed).isEqualTo(after);
        assertThat(Content.hash(before).equals(Content.hash(after))).isEqualTo(before.equals(after));
    }

    @Test
    void numbersAreTheSameWhenTheirValuesAre() {
        assertThat(Difference.between(json("{'a':1,'b':[1.50]}"), json("{'b':[1.5],'a':1.0}"))).isEmpty();
        assertThat(Content.hash(json("{'a':100,'b':1.50}"))).isEqualTo(Content.hash(json("{'b':1.5,'a':1e2}")));
        assertThat(Content.hash(json("{'a':'1'}"))).isNotEqualTo(Content.hash(json("{'a':1}")));
    }
}
