package io.iotflow.server.notification;

import io.iotflow.server.core.Limits;
import java.time.Duration;
import java.util.Optional;

/// What came of one try to tell.
///
/// `status` is the answer code of HTTP or SMTP, 0 where there was none; `detail` the beginning of the answer, or what
/// went wrong, for whoever looks for the mistake.
sealed interface Outcome {
    int status();

    String detail();

    record Delivered(int status, String detail) implements Outcome {
        public Delivered {
            detail = cut(detail);
        }
    }

    /// May go better later.
    ///
    /// @param retryAfter how long the receiver wants to be left alone
    record Failed(int status, String detail, Optional<Duration> retryAfter) implements Outcome {
        public Failed {
            detail = cut(detail);
        }

        Failed(String detail) {
            this(0, detail, Optional.empty());
        }
    }

    /// Will not go better by trying again.
    record Refused(int status, String detail) implements Outcome {
        public Refused {
            detail = cut(detail);
        }

        Refused(String detail) {
            this(0, detail);
        }
    }

    /// As the API writes it.
    default String word() {
        return switch (this) {
            case Delivered _ -> "delivered";
            case Failed _ -> "failed";
            case Refused _ -> "refused";
        };
    }

    /// One line that can be kept.
    private static String cut(String text) {
        var line = Texts.line(text == null ? "" : text);
        return line.length() <= Limits.DELIVERY_DETAIL_CHARACTERS ? line
                : Texts.cut(line, Limits.DELIVERY_DETAIL_CHARACTERS);
    }
}
