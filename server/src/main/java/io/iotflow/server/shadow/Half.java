package io.iotflow.server.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.ShadowLimits;
import io.iotflow.server.database.StorableText;
import java.nio.charset.StandardCharsets;

/// One half of a shadow. Nobody may change its JSON.
///
/// @param state   a JSON object
/// @param marks   a tree like it, with `[microseconds since 1970, version]` for each value
/// @param version how often it has been changed
/// @param bytes   of the state, as JSON
record Half(ObjectNode state, ObjectNode marks, long version, int bytes) {
    static final Half EMPTY = new Half(JsonNodeFactory.instance.objectNode(), JsonNodeFactory.instance.objectNode(),
            0, 2);

    /// As it was kept.
    static Half kept(ObjectNode state, ObjectNode marks, long version) {
        return new Half(state, marks, version, size(state));
    }

    /// With a merge patch applied. Null empties it, as it would a member of any document.
    ///
    /// @param name  of the half, for refusals
    /// @param whole the version of the whole shadow from then on
    /// @throws PlatformException when it would be too large, too deep or not to be kept
    Half patched(String name, JsonNode patch, long whole, long micros) {
        check(name, patch);
        if (!(patch instanceof ObjectNode object)) return new Half(EMPTY.state, EMPTY.marks, version + 1, EMPTY.bytes);
        var mark = JsonNodeFactory.instance.arrayNode(2).add(micros).add(whole);
        var merged = MergePatch.merged(state, object);
        var next = new Half(merged, MergePatch.marked(marks, object, mark), version + 1, size(merged));
        if (next.bytes > ShadowLimits.SHADOW_BYTES) {
            throw new PlatformException(ErrorCode.TOO_LARGE, name + " would have " + next.bytes + " bytes; "
                    + ShadowLimits.SHADOW_BYTES + " are allowed. Remove what is not needed by setting it to null.");
        }
        if (keys(merged) > ShadowLimits.SHADOW_KEYS) {
            throw PlatformException.invalid(name, "would have more than " + ShadowLimits.SHADOW_KEYS
                    + " keys; remove some by setting them to null");
        }
        return next;
    }

    /// Refuses a patch that could not be kept, whatever is there before.
    static void check(String name, JsonNode patch) {
        if (patch.isNull()) return;
        if (!patch.isObject()) throw PlatformException.invalid(name, "must be an object, or null to empty it");
        check(name, patch, 1);
        if (!StorableText.accepts(patch)) {
            throw PlatformException.invalid(name, StorableText.NO_JSON);
        }
    }

    private static void check(String name, JsonNode node, int depth) {
        if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
            throw PlatformException.invalid(name, "has a number that is too large");
        }
        if (!node.isContainerNode()) return;
        if (depth > ShadowLimits.SHADOW_DEPTH) {
            throw PlatformException.invalid(name, "must be at most " + ShadowLimits.SHADOW_DEPTH + " levels deep");
        }
        for (var child : node) check(name, child, depth + 1);
    }

    private static int keys(ObjectNode node) {
        var count = node.size();
        for (var child : node) if (child instanceof ObjectNode object) count += keys(object);
        return count;
    }

    private static int size(ObjectNode state) {
        return state.toString().getBytes(StandardCharsets.UTF_8).length;
    }
}
