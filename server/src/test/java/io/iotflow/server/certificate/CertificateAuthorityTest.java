package io.iotflow.server.certificate;

import static io.iotflow.server.certificate.TestAuthority.pair;
import static io.iotflow.server.certificate.TestAuthority.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.core.CannotStart;
import io.iotflow.server.core.PlatformException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Authorities from files: the platform's own, an operator's, and those that an operator trusts.
class CertificateAuthorityTest {
    private static final SigningRequest REQUEST = SigningRequest.parse(request(pair("EC")));
    private static final Subject SUBJECT = new Subject(7, "lamp");

    @TempDir
    Path folder;
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static CertificateConfig config(Path certificate, Path key, Path trusted) {
        return new CertificateConfig(Optional.ofNullable(certificate), Optional.ofNullable(key),
                Optional.ofNullable(trusted), Duration.ofDays(90));
    }

    private CertificateAuthority open(CertificateConfig config) {
        return new CertificateAuthority(config, folder, now::get);
    }

    private CertificateAuthority operators(X509Certificate certificate, KeyPair key) throws IOException {
        return open(config(file("ca.crt", Pem.of(certificate)), file("ca.key",
                Pem.of("PRIVATE KEY", key.getPrivate().getEncoded())), null));
    }

    @Test
    void thePlatformsOwnIsMadeOnceAndKept() {
        var first = open(config(null, null, null)).certificate();
        assertThat(Files.exists(folder.resolve("certificate-authority.key"))).isTrue();
        assertThat(open(config(null, null, null)).certificate()).isEqualTo(first);
        assertThat(first.getBasicConstraints()).as("it makes no other authorities").isZero();
    }

    @Test
    void anOperatorsAuthorityIssuesWhateverItsKey() throws Exception {
        for (var kind : List.of("EC", "RSA")) {
            var own = new TestAuthority("operator", pair(kind));
            var issued = operators(own.certificate, own.keys).issue(REQUEST, SUBJECT);
            issued.verify(own.keys.getPublic());
            assertThat(issued.getIssuerX500Principal()).isEqualTo(own.certificate.getSubjectX500Principal());
            assertThat(issued.getNotAfter()).as("not beyond the authority").isEqualTo(own.certificate.getNotAfter());
        }
    }

    @Test
    void anAuthorityThatHasEndedIssuesNothing() throws Exception {
        var own = new TestAuthority("operator");
        var authority = operators(own.certificate, own.keys);
        now.updateAndGet(time -> time.plus(Duration.ofDays(31)));
        assertThatThrownBy(() -> authority.issue(REQUEST, SUBJECT)).isInstanceOf(PlatformException.class)
                .hasMessageContaining("ended");
    }

    @Test
    void filesThatMakeNoAuthorityAreToldAtTheStart() throws Exception {
        var own = new TestAuthority("operator");
        assertThatThrownBy(() -> operators(own.certificate, pair("EC"))).isInstanceOf(CannotStart.class)
                .hasMessageContaining("is not the key of");
        assertThatThrownBy(() -> operators(own.certificate, pair("RSA"))).isInstanceOf(CannotStart.class)
                .hasMessageContaining("is not the key of");
        var leaf = own.issue("lamp", own.keys.getPublic());
        assertThatThrownBy(() -> operators(leaf, own.keys)).isInstanceOf(CannotStart.class)
                .hasMessageContaining("may sign no others");
        assertThatThrownBy(() -> open(config(file("a", "x"), file("b", "y"), null))).isInstanceOf(CannotStart.class)
                .hasMessageContaining("certificates.ca_certificate");
        assertThatThrownBy(() -> new ClientTrust(open(config(null, null, null)), config(null, null, file("c", "x")),
                InstantSource.system())).isInstanceOf(CannotStart.class).hasMessageContaining("certificates.trusted");
    }

    @Test
    void aChangedFileOfTrustedAuthoritiesIsReadAndABrokenOneChangesNothing() throws Exception {
        var first = new TestAuthority("first");
        var second = new TestAuthority("second");
        var config = config(null, null, file("trusted", Pem.of(first.certificate)));
        var trust = new ClientTrust(open(config), config, now::get);
        var ofFirst = List.of(first.issue("lamp", pair("EC").getPublic()));
        var ofSecond = List.of(second.issue("lamp", pair("EC").getPublic()));
        assertThatCode(() -> trust.requireTrusted(ofFirst)).doesNotThrowAnyException();
        assertThatThrownBy(() -> trust.requireTrusted(ofSecond)).isInstanceOf(CertificateException.class);
        change(Pem.of(second.certificate), 1);
        assertThatCode(() -> trust.requireTrusted(ofSecond)).doesNotThrowAnyException();
        assertThat(trust.getAcceptedIssuers()).contains(second.certificate).doesNotContain(first.certificate);
        change("broken", 2);
        assertThatCode(() -> trust.requireTrusted(ofSecond)).doesNotThrowAnyException();
        assertThatThrownBy(() -> trust.requireTrusted(List.of(second.issue("lamp", pair("RSA", 1_024).getPublic()))))
                .hasMessageContaining("1024 bits");
    }

    private void change(String text, int minutes) throws IOException {
        Files.setLastModifiedTime(file("trusted", text), FileTime.from(now.get().plus(Duration.ofMinutes(minutes))));
        now.updateAndGet(time -> time.plus(Duration.ofSeconds(11)));
    }
}
