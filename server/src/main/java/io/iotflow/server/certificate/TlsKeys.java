package io.iotflow.server.certificate;

import io.iotflow.server.core.CannotStart;
import io.iotflow.server.core.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/// The server's certificate and key for TLS.
///
/// @param setting names the keystore in what the operator is told
public record TlsKeys(String setting, Path keystore, String password) {
    private static final Duration LIFETIME = Duration.ofDays(825);

    /// As configured, or made here when `isSelfSigned` says so; empty when neither.
    ///
    /// @param folder where the self-signed certificate is kept, which all ports share
    /// @throws CannotStart when the keystore cannot be read, or none can be made
    public static Optional<TlsKeys> of(String setting, Optional<Path> keystore, Optional<String> password,
            boolean isSelfSigned, Path folder) {
        if (keystore.isPresent()) {
            if (!Files.isReadable(keystore.get())) throw new CannotStart(setting + " " + keystore.get()
                    + " cannot be read");
            return Optional.of(new TlsKeys(setting, keystore.get(), password.orElse("")));
        }
        return isSelfSigned ? Optional.of(selfSigned(folder)) : Optional.empty();
    }

    private static TlsKeys selfSigned(Path folder) {
        try {
            var keystore = folder.resolve("self-signed.p12").toAbsolutePath();
            var secret = folder.resolve("self-signed.password");
            if (!Files.exists(keystore)) make(keystore, secret);
            return new TlsKeys("the self-signed certificate", keystore, SecretFile.read(secret).strip());
        } catch (IOException | GeneralSecurityException e) {
            throw new CannotStart("a self-signed certificate cannot be made in " + folder + ": " + e.getMessage(), e);
        }
    }

    /// The password is there first, so that no start ever finds a keystore without it.
    private static void make(Path keystore, Path secret) throws IOException, GeneralSecurityException {
        var bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        var password = HexFormat.of().formatHex(bytes);
        SecretFile.write(secret, password);
        var pair = AuthorityKeys.newPair();
        var names = new GeneralNames(new GeneralName[] {new GeneralName(GeneralName.dNSName, "localhost"),
            new GeneralName(GeneralName.iPAddress, "127.0.0.1")});
        var certificate = AuthorityKeys.selfSigned(pair, new X500Name("CN=localhost,O=IoTFlow self-signed"),
                Instant.now(), LIFETIME, builder ->
                        builder.addExtension(Extension.subjectAlternativeName, false, names));
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("iotflow", pair.getPrivate(), password.toCharArray(), new Certificate[] {certificate});
        var temporary = Files.createTempFile(keystore.getParent(), ".self-signed", "");
        try (var out = Files.newOutputStream(temporary)) {
            store.store(out, password.toCharArray());
        }
        Files.move(temporary, keystore, StandardCopyOption.ATOMIC_MOVE);
    }

    /// What shows the certificate and signs with its key.
    ///
    /// @throws CannotStart when the keystore holds no key, or the password is wrong
    KeyManagerFactory keyManagers() {
        try (var file = Files.newInputStream(keystore)) {
            var store = KeyStore.getInstance("PKCS12");
            store.load(file, password.toCharArray());
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password.toCharArray());
            return keys;
        } catch (GeneralSecurityException | IOException e) {
            throw new CannotStart(setting + " " + keystore + " cannot be used: " + e.getMessage(), e);
        }
    }
}
