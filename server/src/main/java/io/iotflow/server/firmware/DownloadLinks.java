package io.iotflow.server.firmware;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.core.SecretFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Links that let whoever has one download one image, or one delta, for a while, without any other credential: for
/// clients that cannot set a header, and for caches in between. Signed by a key that is kept in the data folder.
final class DownloadLinks {
    private static final int KEY_BYTES = 32;
    private static final int SIGNED_BYTES = 24;

    private final SecretKeySpec key;
    private final FirmwareConfig config;
    private final InstantSource clock;

    /// @param query to be put behind the path of the download
    record Link(String query, Instant expiresAt) {}

    DownloadLinks(Path file, FirmwareConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
        try {
            if (!Files.exists(file)) {
                var fresh = new byte[KEY_BYTES];
                new SecureRandom().nextBytes(fresh);
                SecretFile.write(file, Base64.getEncoder().encodeToString(fresh));
            }
            key = new SecretKeySpec(Base64.getDecoder().decode(SecretFile.read(file)), "HmacSHA256");
        } catch (IOException e) {
            throw new UncheckedIOException("the key for download links cannot be kept: " + file, e);
        }
    }

    /// What a link is for.
    ///
    /// @param base 0 for the whole image, else the image from which the delta is
    record Target(long image, long base) {}

    Link of(Target target) {
        var until = Instant.ofEpochSecond(clock.instant().plus(config.linkTime()).getEpochSecond());
        var signed = ByteBuffer.allocate(SIGNED_BYTES).putLong(target.image()).putLong(target.base())
                .putLong(until.getEpochSecond()).array();
        var mac = mac(signed);
        var token = ByteBuffer.allocate(signed.length + mac.length).put(signed).put(mac).array();
        return new Link("?link=" + Base64.getUrlEncoder().withoutPadding().encodeToString(token), until);
    }

    /// What the link is for.
    ///
    /// @throws PlatformException `NOT_FOUND` for one that is not good, or not any more
    Target target(String token) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException _) {
            throw refusal();
        }
        if (bytes.length <= SIGNED_BYTES) throw refusal();
        var all = ByteBuffer.wrap(bytes);
        var signed = new byte[SIGNED_BYTES];
        all.get(signed);
        var mac = new byte[all.remaining()];
        all.get(mac);
        var said = ByteBuffer.wrap(signed);
        var target = new Target(said.getLong(), said.getLong());
        var isGood = MessageDigest.isEqual(mac, mac(signed))
                && clock.instant().isBefore(Instant.ofEpochSecond(said.getLong()));
        if (!isGood) throw refusal();
        return target;
    }

    private byte[] mac(byte[] signed) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(signed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("BUG: every Java has HmacSHA256", e);
        }
    }

    private static PlatformException refusal() {
        return new PlatformException(ErrorCode.NOT_FOUND, "The link is not good, or not any more; ask for the "
                + "firmware again to get a new one.");
    }
}
