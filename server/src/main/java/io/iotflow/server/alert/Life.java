package io.iotflow.server.alert;

import io.iotflow.server.alert.Happening.Kind;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What changes about an alert, and every way in which it can. Pure: no clock, no store, no thread.
///
/// @param lastOccurredAt what the rule finds again up to then is known already
/// @param clearedAt      when what it is about ended; empty while that goes on
/// @param assignee       a user's name, or empty
record Life(String message, long occurrences, Instant lastOccurredAt, Optional<Instant> clearedAt,
            Optional<Signature> acknowledged, Optional<Signature> resolved, String assignee,
            boolean isFalsePositive) {
    static final String RULE = "rule";

    /// Who did it, and when.
    record Signature(Instant at, String by) {}

    /// @param happened nothing for what is not worth a line in the history
    record Step(Life life, List<Happening> happened) {}

    static Life begun(Instant at, String message) {
        return new Life(message, 1, at, Optional.empty(), Optional.empty(), Optional.empty(), "", false);
    }

    AlertState state() {
        if (resolved.isPresent()) return AlertState.RESOLVED;
        return acknowledged.isPresent() ? AlertState.ACKNOWLEDGED : AlertState.ACTIVE;
    }

    boolean isOpen() {
        return resolved.isEmpty();
    }

    /// What is the case already changes nothing, so that everything may be said twice.
    ///
    /// @throws PlatformException `CONFLICT` for what cannot be done to a resolved alert
    Step after(Act act) {
        return switch (act) {
            case Act.Recur(var at, var text) -> isKnown(at) ? unchanged() : recurred(at, text);
            case Act.Continue(var at, var times, var text) -> isKnown(at) ? unchanged()
                    : new Step(occurred(at, times, text, clearedAt), List.of());
            case Act.Cease(var at, var resolves) -> clearedAt.isPresent() || at.isBefore(lastOccurredAt)
                    ? unchanged() : ceased(at, resolves);
            case Act.Acknowledge(var by, var at) -> {
                requireOpen("acknowledged");
                yield acknowledged.isPresent() ? unchanged() : new Step(new Life(message, occurrences, lastOccurredAt,
                        clearedAt, Optional.of(new Signature(at, by)), resolved, assignee, isFalsePositive),
                        List.of(new Happening(Kind.ACKNOWLEDGED, at, by, "")));
            }
            case Act.Resolve(var by, var at, var reason) -> isOpen() ? new Step(resolved(at, by, clearedAt),
                    List.of(new Happening(Kind.RESOLVED, at, by, reason))) : unchanged();
            case Act.Assign(var by, var at, var user) -> {
                requireOpen("assigned");
                yield user.equals(assignee) ? unchanged() : new Step(new Life(message, occurrences, lastOccurredAt,
                        clearedAt, acknowledged, resolved, user, isFalsePositive),
                        List.of(new Happening(Kind.ASSIGNED, at, by, user)));
            }
            case Act.Comment(var by, var at, var text) ->
                    new Step(this, List.of(new Happening(Kind.COMMENTED, at, by, text)));
            case Act.Judge(var by, var at, var isFalse, var reason) -> isFalse == isFalsePositive ? unchanged()
                    : new Step(new Life(message, occurrences, lastOccurredAt, clearedAt, acknowledged, resolved,
                            assignee, isFalse), List.of(new Happening(isFalse ? Kind.MARKED_FALSE_POSITIVE
                            : Kind.UNMARKED, at, by, reason)));
        };
    }

    private Step unchanged() {
        return new Step(this, List.of());
    }

    /// Also what comes after somebody has resolved it: the rule says nothing new until it was false once.
    private boolean isKnown(Instant at) {
        return !isOpen() || !at.isAfter(lastOccurredAt);
    }

    private void requireOpen(String what) {
        resolved.ifPresent(by -> {
            throw new PlatformException(ErrorCode.CONFLICT, "This alert was resolved by " + by.by() + " at " + by.at()
                    + ", and a resolved alert is not " + what + "; comment on it, or wait for the next one.");
        });
    }

    private Step recurred(Instant at, String text) {
        var next = occurred(at, 1, text, Optional.empty());
        return new Step(next, next.isTold() && clearedAt.isPresent()
                ? List.of(new Happening(Kind.OCCURRED_AGAIN, at, RULE, text)) : List.of());
    }

    private Life occurred(Instant at, long times, String text, Optional<Instant> cleared) {
        return new Life(text, occurrences + times, at, cleared, acknowledged, resolved, assignee, isFalsePositive);
    }

    private Step ceased(Instant at, boolean resolves) {
        if (resolves && isOpen()) return new Step(resolved(at, RULE, Optional.of(at)),
                List.of(new Happening(Kind.RESOLVED, at, RULE, "")));
        return new Step(new Life(message, occurrences, lastOccurredAt, Optional.of(at), acknowledged, resolved,
                assignee, isFalsePositive),
                isTold() ? List.of(new Happening(Kind.CLEARED, at, RULE, "")) : List.of());
    }

    private Life resolved(Instant at, String by, Optional<Instant> cleared) {
        return new Life(message, occurrences, lastOccurredAt, cleared, acknowledged,
                Optional.of(new Signature(at, by)), assignee, isFalsePositive);
    }

    /// Whether the history of what comes and goes again and again has room left.
    private boolean isTold() {
        return occurrences <= Limits.ALERT_EVENTS;
    }
}
