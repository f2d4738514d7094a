package io.iotflow.protocol;

import java.util.List;

/// A payload that was not accepted. Nothing of it was. Carries no stack trace: it is a device's fault, not a bug.
public final class PayloadException extends Exception {
    private static final long serialVersionUID = 1L;

    public enum Reason { MALFORMED, INVALID, TOO_LARGE }

    /// One field that was not accepted, as a path such as `door.open`, or `[2].door.open` in an array.
    public record Fault(String field, String detail) {}

    private final Reason reason;
    private final transient List<Fault> faults;

    PayloadException(Reason reason, String message, List<Fault> faults) {
        super(message, null, false, false);
        this.reason = reason;
        this.faults = List.copyOf(faults);
    }

    static PayloadException malformed(String message) {
        return new PayloadException(Reason.MALFORMED, message, List.of());
    }

    static PayloadException tooLarge(String message) {
        return new PayloadException(Reason.TOO_LARGE, message, List.of());
    }

    static PayloadException invalid(List<Fault> faults) {
        var first = faults.getFirst();
        return new PayloadException(Reason.INVALID, first.field() + " " + first.detail(), faults);
    }

    public Reason reason() {
        return reason;
    }

    /// The fields that were not accepted; empty unless the reason is [Reason#INVALID].
    public List<Fault> faults() {
        return faults;
    }
}
