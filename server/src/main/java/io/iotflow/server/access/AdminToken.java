package io.iotflow.server.access;

import io.iotflow.server.core.Actor;
import io.iotflow.server.core.CannotStart;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.SecretFile;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Permission;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

/// The operator's first credential: given from outside, or made at the first start and kept in a file of mode 0600.
/// There is no built-in one. In memory only its hash is kept, and compared in constant time.
public final class AdminToken {
    /// Stands where a service token has its number.
    static final String ID = "admin";

    private static final int FEWEST_CHARACTERS = 16;

    private static final Caller OPERATOR =
            new Caller.User(Actor.Kind.TOKEN, ID, "admin", OrganizationPath.ROOT, Permission.ADMIN);

    private final byte[] hash;
    private final Optional<String> fresh;

    private AdminToken(String token, boolean isFresh) {
        this.hash = hash(token);
        this.fresh = isFresh ? Optional.of(token) : Optional.empty();
    }

    /// A token that was given, by `IOTFLOW_ADMIN_TOKEN`.
    ///
    /// @throws CannotStart when it is too short to be one
    public static AdminToken given(String token) {
        if (token.strip().length() < FEWEST_CHARACTERS) {
            throw new CannotStart("IOTFLOW_ADMIN_TOKEN must have at least " + FEWEST_CHARACTERS
                    + " characters; make one with: openssl rand -hex 32");
        }
        return new AdminToken(token.strip(), false);
    }

    /// The token in the file, which is made with a new one when it is absent.
    ///
    /// @throws CannotStart when the file holds something else, or cannot be read or made
    public static AdminToken keptIn(Path file) {
        try {
            if (!Files.exists(file)) return new AdminToken(make(file), true);
            var token = SecretFile.read(file);
            if (token.length() < FEWEST_CHARACTERS) {
                throw new CannotStart(file + " holds no admin token of at least " + FEWEST_CHARACTERS
                        + " characters; remove it to have a new one made");
            }
            return new AdminToken(token, false);
        } catch (IOException e) {
            throw new CannotStart("the admin token in " + file + " cannot be read or made: " + e, e);
        }
    }

    /// Puts a new token into the file, whatever is there.
    ///
    /// @throws CannotStart when it cannot be made
    public static String renewedIn(Path file) {
        try {
            return make(file);
        } catch (IOException e) {
            throw new CannotStart("the admin token in " + file + " cannot be made: " + e, e);
        }
    }

    /// A secret that nobody guesses, for showing once.
    public static String random() {
        return SecretText.text(SecretText.random(32));
    }

    /// The token itself, if it was made just now: to be printed once.
    public Optional<String> fresh() {
        return fresh;
    }

    /// Understands `Authorization: admin <token>` and `Bearer <token>`; hand it to the HTTP listener as
    /// `adminToken::caller`.
    public Optional<Caller> caller(String scheme, String credential) {
        if (!scheme.equals("admin") && !scheme.equals("bearer")) return Optional.empty();
        return MessageDigest.isEqual(hash, hash(credential)) ? Optional.of(OPERATOR)
                : Optional.empty();
    }

    private static String make(Path file) throws IOException {
        var token = random();
        SecretFile.write(file, token);
        return token;
    }

    private static byte[] hash(String token) {
        return SecretText.sha256(token.getBytes(StandardCharsets.UTF_8));
    }
}
