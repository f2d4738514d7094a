package io.iotflow.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.helidon.http.Header;
import io.helidon.http.HeaderValues;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException.FieldError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/// A refusal in the form of RFC 9457, with `code` and `hint` of ours, and `error` and `message` for clients that
/// know only those.
final class Problem {
    static final Header CONTENT_TYPE = HeaderValues.createCached("Content-Type", "application/problem+json");

    private Problem() {}

    static byte[] json(ErrorCode code, String detail, String instance, List<FieldError> errors) {
        var bytes = new ByteArrayOutputStream(512);
        try (var json = Json.mapper().createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("type", "urn:iotflow:error:" + code.code());
            json.writeStringField("title", code.title());
            json.writeNumberField("status", code.status());
            json.writeStringField("detail", detail);
            json.writeStringField("instance", instance);
            json.writeStringField("code", code.code());
            json.writeStringField("hint", code.hint());
            json.writeStringField("error", code.title());
            json.writeStringField("message", detail);
            writeErrors(json, errors);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /// The code that fits a status that the HTTP library itself decided on.
    static ErrorCode codeOf(int status) {
        for (var code : ErrorCode.values()) {
            if (code.status() == status) return code;
        }
        return status >= 500 ? ErrorCode.INTERNAL : ErrorCode.MALFORMED_REQUEST;
    }

    private static void writeErrors(JsonGenerator json, List<FieldError> errors) throws IOException {
        if (errors.isEmpty()) return;
        json.writeArrayFieldStart("errors");
        for (var error : errors) {
            json.writeStartObject();
            json.writeStringField("field", error.field());
            json.writeStringField("detail", error.detail());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
