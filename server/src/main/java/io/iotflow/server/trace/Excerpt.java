package io.iotflow.server.trace;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.ingest.InboundMessage;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// The beginning of a payload: as text if it is some, else in hexadecimal digits.
final class Excerpt {
    private Excerpt() {}

    static void put(ObjectNode into, InboundMessage message) {
        var length = Math.min(message.length(), Limits.TRACE_PAYLOAD_BYTES);
        var chars = CharBuffer.allocate(length);
        // Whatever follows a cut is not there: half a character at the end is no mistake.
        var result = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(message.bytes(), message.offset(),
                length), chars, length == message.length());
        var text = chars.flip().toString();
        var isText = !result.isError() && text.chars().allMatch(c -> c >= ' ' && c != 0x7f || c == '\n' || c == '\r'
                || c == '\t');
        if (isText) into.put("text", text);
        else into.put("hex", HexFormat.of().formatHex(message.bytes(), message.offset(), message.offset() + length));
        if (length < message.length()) into.put("is_cut", true);
    }

    static String cut(String text) {
        return text.length() <= Limits.TRACE_TEXT_CHARACTERS ? text
                : text.substring(0, Limits.TRACE_TEXT_CHARACTERS) + "…";
    }
}
