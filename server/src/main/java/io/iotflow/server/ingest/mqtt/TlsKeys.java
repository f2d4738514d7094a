package io.iotflow.server.ingest.mqtt;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
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
record TlsKeys(Path keystore, String password) {

    /// As configured, or made here when `tls_self_signed` says so; empty when neither.
    static Optional<TlsKeys> of(MqttConfig config, Path folder) throws IOException, InterruptedException {
        if (config.tlsKeystore().isPresent()) {
            var file = config.tlsKeystore().get();
            if (!Files.isReadable(file)) throw new IOException("mqtt.tls_keystore " + file + " cannot be read");
            return Optional.of(new TlsKeys(file, config.tlsKeystorePassword().orElse("")));
        }
        return config.tlsSelfSigned() ? Optional.of(selfSigned(folder)) : Optional.empty();
    }

    /// Made by the JDK's keytool, since the JDK has no public way to issue a certificate.
    private static TlsKeys selfSigned(Path folder) throws IOException, InterruptedException {
        var keystore = folder.resolve("self-signed.p12").toAbsolutePath();
        var secret = folder.resolve("self-signed.password");
        if (Files.exists(keystore)) return new TlsKeys(keystore, Files.readString(secret));
        var bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        var password = HexFormat.of().formatHex(bytes);
        Files.deleteIfExists(secret);
        Files.createFile(secret,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(secret, password);
        var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        var process = new ProcessBuilder(List.of(keytool, "-genkeypair", "-alias", "iotflow", "-keyalg", "EC",
                "-groupname", "secp256r1", "-validity", "825", "-dname", "CN=localhost, O=IoTFlow self-signed",
                "-ext", "SAN=dns:localhost,ip:127.0.0.1", "-storetype", "PKCS12", "-keystore", keystore.toString(),
                "-storepass:file", secret.toAbsolutePath().toString())).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new IOException("keytool could not make a certificate: " + said.strip());
        return new TlsKeys(keystore, password);
    }

    SslContext context() throws IOException {
        try (var file = Files.newInputStream(keystore)) {
            var store = KeyStore.getInstance("PKCS12");
            store.load(file, password.toCharArray());
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password.toCharArray());
            return SslContextBuilder.forServer(keys).sslProvider(SslProvider.JDK).protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (GeneralSecurityException | IOException e) {
            throw new IOException("mqtt.tls_keystore " + keystore + " cannot be used: " + e.getMessage(), e);
        }
    }
}
