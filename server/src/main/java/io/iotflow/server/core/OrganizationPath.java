package io.iotflow.server.core;

import java.util.Optional;
import java.util.regex.Pattern;

/// Where an organization stands in the tree: the numbers from the root down to its own, `/1/7/42/`. Whoever belongs to
/// an organization may see what belongs to it and to those below it, and nothing else; so this is also the scope of a
/// database transaction.
public record OrganizationPath(String text) {
    private static final Pattern FORM = Pattern.compile("/1/([1-9][0-9]{0,17}/)*");

    /// The organization that contains all others.
    public static final OrganizationPath ROOT = new OrganizationPath("/1/");

    public OrganizationPath {
        if (!FORM.matcher(text).matches()) throw new IllegalArgumentException("not an organization's path: " + text);
    }

    /// The organization's own number.
    public long id() {
        return Long.parseLong(text, text.lastIndexOf('/', text.length() - 2) + 1, text.length() - 1, 10);
    }

    /// Empty for the root.
    public Optional<OrganizationPath> parent() {
        return depth() == 0 ? Optional.empty()
                : Optional.of(new OrganizationPath(text.substring(0, text.lastIndexOf('/', text.length() - 2) + 1)));
    }

    public OrganizationPath child(long id) {
        return new OrganizationPath(text + id + "/");
    }

    /// Whether the other is this one or lies below it.
    public boolean contains(OrganizationPath other) {
        return other.text.startsWith(text);
    }

    /// How many organizations lie above it.
    public int depth() {
        return (int) text.chars().filter(c -> c == '/').count() - 2;
    }

    @Override
    public String toString() {
        return text;
    }
}
