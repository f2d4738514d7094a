package io.iotflow.server.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.http.Json;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MergePatchTest {
    private static void check(String target, String patch, String expected) throws Exception {
        var before = json(target);
        assertThat(MergePatch.merged(before, json(patch))).as(patch + " on " + target).isEqualTo(json(expected));
        assertThat(before).as("what was given").isEqualTo(json(target));
    }

    private static void differ(String wanted, String present, String expected) throws Exception {
        assertThat(MergePatch.difference(json(wanted), json(present))).isEqualTo(json(expected));
    }

    private static ObjectNode json(String text) throws Exception {
        return (ObjectNode) Json.mapper().readTree(text.replace('\'', '"'));
    }

    @Test
    void patchesMergeAsTheStandardsExamplesSay() throws Exception {
        check("{'a':'b'}", "{'a':'c'}", "{'a':'c'}");
        check("{'a':'b'}", "{'b':'c'}", "{'a':'b','b':'c'}");
        check("{'a':'b'}", "{'a':null}", "{}");
        check("{'a':'b','b':'c'}", "{'a':null}", "{'b':'c'}");
        check("{'a':['b']}", "{'a':'c'}", "{'a':'c'}");
        check("{'a':'c'}", "{'a':['b']}", "{'a':['b']}");
        check("{'a':{'b':'c'}}", "{'a':{'b':'d','c':null}}", "{'a':{'b':'d'}}");
        check("{'a':[{'b':'c'}]}", "{'a':[1]}", "{'a':[1]}");
        check("{'e':null}", "{'a':1}", "{'e':null,'a':1}");
        check("{}", "{'a':{'bb':{'ccc':null}}}", "{'a':{'bb':{}}}");
        check("{'a':1}", "{'a':{'b':{'c':2}}}", "{'a':{'b':{'c':2}}}");
    }

    @Test
    void theDifferenceIsWhatIsWantedAndNotSo() throws Exception {
        differ("{'a':1,'b':2}", "{'a':1,'c':3}", "{'b':2}");
        differ("{'a':{'b':1,'c':2}}", "{'a':{'b':1,'c':3,'d':4}}", "{'a':{'c':2}}");
        differ("{'a':{'b':1}}", "{'a':5}", "{'a':{'b':1}}");
        differ("{'a':[1,2]}", "{'a':[1,2,3]}", "{'a':[1,2]}");
        differ("{'a':1,'b':[1.0],'c':'1'}", "{'a':1.0,'b':[1],'c':1}", "{'c':'1'}");
        differ("{'a':{}}", "{'a':{'b':1}}", "{}");
        differ("{'a':{}}", "{}", "{'a':{}}");
    }

    @Test
    void marksFollowTheDocument() throws Exception {
        var mark = Json.mapper().readTree("[9,1]");
        var old = json("{'a':[1,1],'b':{'c':[2,2],'d':[3,3]}}");
        var marks = MergePatch.marked(old, json("{'a':{'x':1},'b':{'c':null,'e':[1]},'f':{}}"), mark);
        assertThat(marks).isEqualTo(json("{'a':{'x':[9,1]},'b':{'d':[3,3],'e':[9,1]},'f':{}}"));
        assertThat(MergePatch.marksOf(json("{'b':{'e':[1]}}"), marks)).isEqualTo(json("{'b':{'e':[9,1]}}"));
    }

    @Test
    void whateverIsPatchedAddingTheDifferenceLeavesNone() {
        var random = new Random(20_260_101);
        for (var n = 0; n < 2_000; n++) {
            var wanted = document(random, 3);
            var present = document(random, 3);
            var after = MergePatch.merged(present, MergePatch.difference(wanted, present));
            assertThat(MergePatch.difference(wanted, after)).as(wanted + " on " + present).isEmpty();
        }
    }

    /// Without null, which cannot stand in what was merged.
    static ObjectNode document(Random random, int depth) {
        var document = Json.mapper().createObjectNode();
        for (var n = random.nextInt(4); n > 0; n--) document.set("k" + random.nextInt(4), value(random, depth));
        return document;
    }

    private static JsonNode value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 5 : 3)) {
            case 0 -> Json.mapper().getNodeFactory().numberNode(random.nextInt(3));
            case 1 -> Json.mapper().getNodeFactory().numberNode(random.nextInt(3) / 2.0);
            case 2 -> Json.mapper().getNodeFactory().textNode("t" + random.nextInt(3));
            case 3 -> Json.mapper().createArrayNode().add(random.nextInt(2));
            default -> document(random, depth - 1);
        };
    }
}
