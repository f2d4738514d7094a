package io.iotflow.server.certificate;

import io.iotflow.server.core.CannotStart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;

/// The server's certificate and key for TLS.
///
/// @param setting names the keystore in what the operator is told
public record TlsKeys(String setting, Path keystore, String password) {
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
            return new TlsKeys("the self-signed certificate", keystore, Files.readString(secret));
        } catch (IOException e) {
            throw new CannotStart("a self-signed certificate cannot be made in " + folder + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CannotStart("making a self-signed certificate was interrupted", e);
        }
    }

    /// By the JDK's keytool, since the JDK has no public way to issue a certificate.
    private static void make(Path keystore, Path secret) throws IOException, InterruptedException {
        Files.createDirectories(keystore.getParent());
        var bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        Files.deleteIfExists(secret);
        Files.createFile(secret,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(secret, HexFormat.of().formatHex(bytes));
        var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        var process = new ProcessBuilder(List.of(keytool, "-genkeypair", "-alias", "iotflow", "-keyalg", "EC",
                "-groupname", "secp256r1", "-validity", "825", "-dname", "CN=localhost, O=IoTFlow self-signed",
                "-ext", "SAN=dns:localhost,ip:127.0.0.1", "-storetype", "PKCS12", "-keystore", keystore.toString(),
                "-storepass:file", secret.toAbsolutePath().toString())).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new IOException("keytool: " + said.strip());
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
