package io.iotflow.server.access;

import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Permission;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// What callers write, read strictly.
final class Asked {
    private static final Pattern SIGN_IN_NAME = Pattern.compile("[A-Za-z0-9._@+-]*[A-Za-z][A-Za-z0-9._@+-]*");

    private Asked() {}

    /// Letters, digits and `. _ @ + -`, at least one letter; short enough, and alike on every keyboard.
    static String signInName(String name) {
        if (name == null || !isSignInName(name)) {
            throw PlatformException.invalid("name", "must be 1 to " + Limits.ACCESS_NAME_CHARACTERS
                    + " of the letters a to z and A to Z, digits and . _ @ + -, with a letter among them");
        }
        return name;
    }

    static boolean isSignInName(String name) {
        return name.length() <= Limits.ACCESS_NAME_CHARACTERS && SIGN_IN_NAME.matcher(name).matches();
    }

    /// The name of an organization, a role or a token.
    static String label(String name) {
        if (name == null || name.isEmpty() || name.length() > Limits.ACCESS_NAME_CHARACTERS
                || !name.equals(name.strip()) || !name.codePoints().allMatch(Asked::isVisible)) {
            throw PlatformException.invalid("name", "must be 1 to " + Limits.ACCESS_NAME_CHARACTERS
                    + " visible characters, with spaces only between them");
        }
        return name;
    }

    private static boolean isVisible(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    static <T> T required(String field, T value) {
        if (value == null) throw PlatformException.invalid(field, "is missing");
        return value;
    }

    static Set<Permission> permissions(List<String> words) {
        var permissions = EnumSet.noneOf(Permission.class);
        for (var word : required("permissions", words)) {
            permissions.add(Permission.of(word == null ? "" : word).orElseThrow(() ->
                    PlatformException.invalid("permissions", "has the unknown word " + word)));
        }
        if (permissions.isEmpty()) throw PlatformException.invalid("permissions", "must name at least one");
        return permissions;
    }

    /// As the database keeps them.
    static String words(Set<Permission> permissions) {
        return String.join(" ", sorted(permissions));
    }

    /// What a later version wrote and this one does not know is left out.
    static Set<Permission> permissionsIn(String words) {
        var permissions = EnumSet.noneOf(Permission.class);
        for (var word : words.split(" ")) Permission.of(word).ifPresent(permissions::add);
        return permissions;
    }

    static List<String> sorted(Collection<Permission> permissions) {
        return permissions.stream().map(Permission::word).sorted().toList();
    }
}
