package io.iotflow.server.core;

import java.util.Locale;

/// Every way in which a request is refused. The code is stable: clients may switch on it.
/// `docs/reference/errors.md` lists them all and is held against this enum by a test.
public enum ErrorCode {
    MALFORMED_REQUEST(400, "Malformed request", "Check the request against /openapi.yaml."),
    UNAUTHORIZED(401, "Unauthorized",
            "Send a device's key as X-API-Key, or a user's or service token as Authorization: Bearer <token> "
                    + "or Authorization: admin <token>."),
    SIGN_IN_REFUSED(401, "Not signed in",
            "Check name, password and code, or sign in again; a wrong name and a wrong password look the same."),
    TOTP_REQUIRED(401, "Second factor required",
            "Send the present code of the authenticator, or a recovery code, as totp."),
    FORBIDDEN(403, "Forbidden", "Ask an administrator for a role that may do this."),
    REGISTRATION_CLOSED(403, "Registration is closed",
            "Ask an operator to create the device, or set registration.mode to open or token."),
    QUARANTINED(403, "In quarantine",
            "Stop sending; GET /api/v1/devices/status says why and since when. An operator must look at the device and "
                    + "make it active again."),
    NOT_FOUND(404, "Not found", "Check the path and the id or name; what you may not see counts as absent."),
    METHOD_NOT_ALLOWED(405, "Method not allowed", "See /docs for the methods of this path."),
    NOTHING_CAME(408, "Nothing came", "Ask again: the request was held open for as long as timeout said."),
    CONFLICT(409, "Conflict", "Read the current state and decide again."),
    NAME_TAKEN(409, "Name already taken", "Choose another name, or use the device that has it."),
    IN_PROGRESS(409, "Still being answered",
            "Wait for the seconds in Retry-After, then send the same with the same Idempotency-Key."),
    TOO_MANY_WAITING(409, "Too many devices wait",
            "Ask an operator to admit or decommission those that wait, then register again."),
    PRECONDITION_FAILED(412, "Precondition failed", "Read again and send the new ETag as If-Match."),
    TOO_LARGE(413, "Too large", "Send smaller bodies; docs/reference/limits.md names the limit."),
    UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type", "Send Content-Type: application/json."),
    RANGE_NOT_SATISFIABLE(416, "No such range", "Ask for bytes that the file has; the detail says how many."),
    INVALID(422, "Not accepted", "Correct the fields listed in errors[]."),
    TYPE_CHANGED(422, "The metric's type differs",
            "Send the type that the metric had first, or use a new metric name."),
    KEY_REUSED(422, "Idempotency key used before",
            "Use a new Idempotency-Key for another request; repeat one only with the same path and body."),
    RATE_LIMITED(429, "Too many requests", "Wait for the seconds in Retry-After, then send again."),
    SIGN_IN_UNAVAILABLE(503, "Cannot ask whoever knows this user",
            "Wait for the seconds in Retry-After and try again, or sign in as a user of the platform itself; the "
                    + "issuer or directory is down, or not configured rightly."),
    OVERLOADED(503, "Overloaded", "Wait for the seconds in Retry-After, then send the same again; nothing was kept."),
    UNAVAILABLE(503, "Unavailable", "See /health?detailed=true for the part that is down."),
    INTERNAL(500, "Internal error", "Report it with the time of the request; the server's log has the details.");

    private final int status;
    private final String title;
    private final String hint;

    ErrorCode(int status, String title, String hint) {
        this.status = status;
        this.title = title;
        this.hint = hint;
    }

    /// The HTTP status.
    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    /// What the caller can do instead.
    public String hint() {
        return hint;
    }

    /// The stable word that clients see: `name_taken`.
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
