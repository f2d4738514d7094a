package io.iotflow.server.access;

import io.iotflow.server.core.Limits;
import io.iotflow.server.database.StorableText;
import java.util.Set;

/// Somebody whom an OpenID issuer or the directory vouches for.
///
/// @param issuer  the issuer's URL, or [User#DIRECTORY]
/// @param subject who it is there, whatever he is called; never given to anybody else
/// @param name    what he is called, here too if he is let in
/// @param values  his groups or roles there
record Outsider(String issuer, String subject, String name, Set<String> values) {
    Outsider {
        values = Set.copyOf(values);
        if (!isSubject(subject)) throw new IllegalArgumentException("BUG: a subject that cannot be kept");
    }

    static boolean isSubject(String text) {
        return !text.isEmpty() && text.length() <= Limits.SUBJECT_CHARACTERS && StorableText.accepts(text);
    }
}
