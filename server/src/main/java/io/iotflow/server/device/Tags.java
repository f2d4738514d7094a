package io.iotflow.server.device;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Fields;
import java.util.regex.Pattern;

/// What stands in a device's `metadata.tags`.
public final class Tags {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:-]{1,64}");

    private Tags() {}

    /// A change of tags, from a field of a body; null takes a tag away.
    ///
    /// @throws PlatformException `INVALID`, naming the field
    public static ObjectNode read(Fields fields, String field) {
        if (!(fields.required(field) instanceof ObjectNode set) || set.isEmpty() || set.size() > Limits.ACTION_TAGS) {
            throw fields.refusal(field, "must be an object with 1 to " + Limits.ACTION_TAGS + " tags");
        }
        for (var tag : set.properties()) {
            var value = tag.getValue();
            var isTooLong = value.isTextual() && value.textValue().length() > Limits.ACTION_TAG_CHARACTERS;
            if (!NAME.matcher(tag.getKey()).matches() || value.isContainerNode() || isTooLong) {
                throw fields.refusal(field + "." + tag.getKey(), "must be a name of 1 to 64 letters, digits and _ . : -"
                        + " with a text of at most " + Limits.ACTION_TAG_CHARACTERS + " characters, a number, true,"
                        + " false or null");
            }
        }
        return set;
    }

    /// @throws PlatformException `CONFLICT` when the metadata has something else as tags
    public static Draft changed(Draft now, ObjectNode set) {
        ObjectNode metadata = now.profile().metadata().deepCopy();
        var tags = metadata.path("tags");
        if (!tags.isObject() && !tags.isMissingNode() && !tags.isNull()) {
            throw new PlatformException(ErrorCode.CONFLICT, "The device's metadata has something else as tags.");
        }
        ObjectNode next = tags.isObject() ? (ObjectNode) tags : metadata.putObject("tags");
        set.properties().forEach(tag -> {
            if (tag.getValue().isNull()) next.remove(tag.getKey());
            else next.set(tag.getKey(), tag.getValue());
        });
        return now.withProfile(now.profile().withMetadata(metadata));
    }
}
