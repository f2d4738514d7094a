package io.iotflow.server.core;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// A refused request. Thrown anywhere, written once by each protocol in its own words; never logged with a stack trace.
public final class PlatformException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// One field that was not accepted. The field is a JSON path such as `metrics.temperature`.
    ///
    /// @param place where in the field's text, if that is a text in which one can say where
    public record FieldError(String field, String detail, Optional<Place> place) {
        public FieldError(String field, String detail) {
            this(field, detail, Optional.empty());
        }
    }

    /// Where in a text a mistake is, by line and column from 1. The detail beside it says all of this in one sentence.
    ///
    /// @param message what is wrong
    /// @param instead what to write instead; may be empty
    public record Place(int line, int column, String message, String instead) {}

    private final ErrorCode code;
    private final transient List<FieldError> errors;
    private final Duration retryAfter;

    public PlatformException(ErrorCode code, String detail) {
        this(code, detail, List.of(), null);
    }

    public PlatformException(ErrorCode code, String detail, List<FieldError> errors) {
        this(code, detail, errors, null);
    }

    private PlatformException(ErrorCode code, String detail, List<FieldError> errors, Duration retryAfter) {
        super(Objects.requireNonNull(detail, "detail"), null, false, false);
        this.code = Objects.requireNonNull(code, "code");
        this.errors = List.copyOf(errors);
        this.retryAfter = retryAfter;
    }

    /// A refusal that passes by itself: 409, 429 or 503 with `Retry-After`.
    public static PlatformException retryLater(ErrorCode code, String detail, Duration retryAfter) {
        return new PlatformException(code, detail, List.of(), Objects.requireNonNull(retryAfter, "retryAfter"));
    }

    public static PlatformException invalid(String field, String detail) {
        return new PlatformException(ErrorCode.INVALID, field + " " + detail, List.of(new FieldError(field, detail)));
    }

    public static PlatformException malformed(String detail) {
        return new PlatformException(ErrorCode.MALFORMED_REQUEST, detail);
    }

    public static PlatformException notFound(String what) {
        return new PlatformException(ErrorCode.NOT_FOUND, "There is no " + what + " here.");
    }

    public ErrorCode code() {
        return code;
    }

    public List<FieldError> errors() {
        return errors;
    }

    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
