package io.iotflow.server.language;

/// An expression could not be evaluated for what it was given: it asked for a member of `undefined`, or went beyond a
/// limit. Whoever evaluates counts it and takes the answer for false. Has no stack trace, because it may come with each
/// message.
public final class EvaluationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EvaluationException(String message) {
        super(message, null, false, false);
    }
}
