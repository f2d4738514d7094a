package io.iotflow.server.certificate;

import static io.iotflow.server.certificate.TestAuthority.pair;
import static io.iotflow.server.certificate.TestAuthority.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is taken for a request, and what an attacker may send instead.
class SigningRequestTest {
    private static void refused(String pem, ErrorCode code, String words) {
        assertThatThrownBy(() -> SigningRequest.parse(pem)).isInstanceOfSatisfying(PlatformException.class, refused -> {
            assertThat(refused.code()).as(refused.getMessage()).isEqualTo(code);
            assertThat(refused.getMessage()).contains(words);
        });
    }

    @Test
    void requestsWithStrongKeysAreTaken() {
        for (var kind : new String[] {"EC 256 SHA256withECDSA", "EC 384 SHA384withECDSA", "Ed25519 0 Ed25519",
            "RSA 2048 SHA256withRSA"}) {
            var words = kind.split(" ");
            var keys = pair(words[0], Integer.parseInt(words[1]));
            assertThat(SigningRequest.parse(request(keys.getPublic(), keys, words[2])).key()).as(kind).isNotNull();
        }
    }

    @Test
    void weakOrUnusualKeysAreRefused() {
        var short1024 = pair("RSA", 1_024);
        refused(request(short1024.getPublic(), short1024, "SHA256withRSA"), ErrorCode.INVALID, "1024 bits");
        var large = pair("EC", 521);
        refused(request(large.getPublic(), large, "SHA512withECDSA"), ErrorCode.INVALID, "curve");
        var other = pair("Ed448", 448);
        refused(request(other.getPublic(), other, "Ed448"), ErrorCode.INVALID, "kind");
        var keys = pair("EC");
        refused(request(keys.getPublic(), keys, "SHA1withECDSA"), ErrorCode.INVALID, "SHA-256");
    }

    @Test
    void aRequestMustBeSignedByItsOwnKey() {
        refused(request(pair("EC").getPublic(), pair("EC"), "SHA256withECDSA"), ErrorCode.MALFORMED_REQUEST,
                "openssl req");
        refused(request(pair("EC").getPublic(), pair("RSA"), "SHA256withRSA"), ErrorCode.MALFORMED_REQUEST,
                "signature");
    }

    @Test
    void whatIsNoRequestIsRefusedWhateverItIs() {
        refused("", ErrorCode.MALFORMED_REQUEST, "openssl req");
        refused("-----BEGIN CERTIFICATE REQUEST-----", ErrorCode.MALFORMED_REQUEST, "PEM");
        refused(request(pair("EC")).replace("REQUEST", "HOROSCOPE"), ErrorCode.MALFORMED_REQUEST, "PEM");
        refused("x".repeat(9_000), ErrorCode.TOO_LARGE, "8192");
        var deep = new byte[4_000];
        for (int i = 0; i < deep.length; i += 2) deep[i] = 0x30;
        for (int i = 1; i < deep.length; i += 2) deep[i] = (byte) 0x80;
        refused(Pem.of("CERTIFICATE REQUEST", deep), ErrorCode.MALFORMED_REQUEST, "PEM");
    }

    @Test
    void noBrokenBytesGetThrough() throws Exception {
        var whole = request(pair("EC"));
        var bytes = Pem.decode(whole, "CERTIFICATE REQUEST").orElseThrow();
        var random = new Random(7);
        for (int i = 0; i < 500; i++) {
            var broken = bytes.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                broken[random.nextInt(broken.length)] ^= (byte) (1 << random.nextInt(8));
            }
            if (Arrays.equals(broken, bytes)) continue;
            var pem = Pem.of("CERTIFICATE REQUEST", broken);
            assertThatThrownBy(() -> SigningRequest.parse(pem)).as(Base64.getEncoder().encodeToString(broken))
                    .isInstanceOf(PlatformException.class);
        }
    }

    @Test
    void aNameThatNoHostMayHaveIsNoDnsName() {
        assertThat(new Subject(7, "greenhouse-1").alternativeNames().getNames()).hasSize(2);
        assertThat(new Subject(7, "line 3: pump").alternativeNames().getNames()).hasSize(1);
        assertThat(new Subject(7, "x".repeat(65)).distinguishedName()).hasToString("CN=device 7");
        var names = Subject.namesIn(new TestAuthority("a").issue("line 3\\, pump", pair("EC").getPublic()));
        assertThat(names).containsExactly("line 3, pump");
    }
}
