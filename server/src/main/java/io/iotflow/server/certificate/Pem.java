package io.iotflow.server.certificate;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.util.io.pem.PemReader;

/// Certificates, keys and requests as text.
public final class Pem {
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Pem() {}

    /// The content of the first block, if that is of one of these kinds.
    static Optional<byte[]> decode(String text, String... kinds) {
        try (var reader = new PemReader(new StringReader(text))) {
            var block = reader.readPemObject();
            if (block == null || !Arrays.asList(kinds).contains(block.getType())) return Optional.empty();
            return Optional.of(block.getContent());
        } catch (IOException | RuntimeException _) {
            return Optional.empty(); // the reader throws whatever it stumbles over
        }
    }

    /// Every certificate in the text, in its order.
    ///
    /// @throws CertificateException when one cannot be read, or there is none
    public static List<X509Certificate> certificates(String text) throws CertificateException {
        var found = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))).stream()
                .map(X509Certificate.class::cast).toList();
        if (found.isEmpty()) throw new CertificateException("there is no certificate in it");
        return found;
    }

    public static String of(X509Certificate certificate) {
        try {
            return of("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("BUG: a certificate that was read can be written", e);
        }
    }

    /// One after the other.
    public static String of(List<X509Certificate> certificates) {
        var text = new StringBuilder();
        for (var certificate : certificates) text.append(of(certificate));
        return text.toString();
    }

    static String of(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n" + LINES.encodeToString(der) + "\n-----END " + kind + "-----\n";
    }
}
