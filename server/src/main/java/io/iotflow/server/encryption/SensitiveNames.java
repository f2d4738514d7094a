package io.iotflow.server.encryption;

import io.iotflow.protocol.MetricName;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.PlatformException.FieldError;
import io.iotflow.server.database.StorableText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/// What is sensitive, by name.
///
/// @param metrics  names of metrics; one that ends with `*` stands for all that begin alike
/// @param metadata names of fields at the top of a device's metadata
record SensitiveNames(SortedSet<String> metrics, SortedSet<String> metadata) {
    static final SensitiveNames NONE = new SensitiveNames(List.of(), List.of());

    SensitiveNames(Collection<String> metrics, Collection<String> metadata) {
        this(new TreeSet<>(metrics), new TreeSet<>(metadata));
    }

    /// What a caller has sent.
    ///
    /// @throws PlatformException `INVALID`, with all that is wrong
    static SensitiveNames checked(List<String> metrics, List<String> metadata) {
        var errors = new ArrayList<FieldError>();
        check(errors, "metrics", metrics);
        check(errors, "metadata", metadata);
        if (errors.isEmpty()) {
            for (var name : metrics) {
                var stem = name.endsWith("*") ? name.substring(0, name.length() - 1) : name;
                if (name.equals("*") || MetricName.isValid(stem)) continue;
                errors.add(new FieldError("metrics", "has a name that no metric can have; send names such as "
                        + "heart_rate, or location.* for all that begin alike"));
                break;
            }
            for (var name : metadata) {
                if (!name.isEmpty() && name.length() <= Limits.JSON_NAME_CHARACTERS && StorableText.accepts(name)) {
                    continue;
                }
                errors.add(new FieldError("metadata", "has a name that no field can have"));
                break;
            }
        }
        if (errors.isEmpty()) return new SensitiveNames(metrics, metadata);
        throw new PlatformException(ErrorCode.INVALID, errors.getFirst().field() + " " + errors.getFirst().detail(),
                errors);
    }

    private static void check(List<FieldError> errors, String field, List<String> names) {
        if (names == null || names.stream().anyMatch(Objects::isNull)) {
            errors.add(new FieldError(field, "must be a list of names, which may be empty"));
        } else if (names.size() > Limits.SENSITIVE_NAMES) {
            errors.add(new FieldError(field, "has more than " + Limits.SENSITIVE_NAMES + " names; "
                    + (field.equals("metrics") ? "location.* stands for all that begin alike" : "seal fewer fields")));
        }
    }

    /// Both together.
    SensitiveNames and(SensitiveNames other) {
        var allMetrics = new TreeSet<>(metrics);
        allMetrics.addAll(other.metrics);
        var allMetadata = new TreeSet<>(metadata);
        allMetadata.addAll(other.metadata);
        return new SensitiveNames(allMetrics, allMetadata);
    }

    boolean isEmpty() {
        return metrics.isEmpty() && metadata.isEmpty();
    }
}
