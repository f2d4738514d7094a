package io.iotflow.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TotpTest {
    private static final byte[] SECRET = "12345678901234567890".getBytes(StandardCharsets.US_ASCII);

    @Test
    void codesAreThoseOfTheStandard() {
        check(59, "94287082");
        check(1_111_111_109, "07081804");
        check(1_111_111_111, "14050471");
        check(1_234_567_890, "89005924");
        check(2_000_000_000, "69279037");
        check(20_000_000_000L, "65353130");
    }

    private static void check(long seconds, String code) {
        assertThat(Totp.code(SECRET, Totp.stepAt(Instant.ofEpochSecond(seconds)), 8)).isEqualTo(code);
        assertThat(Totp.code(SECRET, Totp.stepAt(Instant.ofEpochSecond(seconds)), 6)).isEqualTo(code.substring(2));
    }

    @Test
    void aCodeIsGoodOneStepEarlierAndLaterButNotWhenItWasUsed() {
        var now = Instant.ofEpochSecond(1_111_111_111);
        var step = Totp.stepAt(now);
        var code = "050471";
        assertThat(Totp.step(SECRET, code, now, 0)).hasValue(step);
        assertThat(Totp.step(SECRET, code, now.plusSeconds(30), 0)).hasValue(step);
        assertThat(Totp.step(SECRET, code, now.minusSeconds(30), 0)).hasValue(step);
        assertThat(Totp.step(SECRET, code, now.plusSeconds(60), 0)).isEmpty();
        assertThat(Totp.step(SECRET, code, now.minusSeconds(60), 0)).isEmpty();
        assertThat(Totp.step(SECRET, code, now, step)).as("used").isEmpty();
        for (var wrong : new String[] {"", "05047", "0504711", "٠٥٠٤٧١", "abcdef"}) {
            assertThat(Totp.step(SECRET, wrong, now, 0)).as(wrong).isEmpty();
        }
    }

    @Test
    void theSecretIsWhatAuthenticatorsRead() {
        assertThat(Totp.base32(SECRET)).isEqualTo("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assertThat(Totp.base32("fooba".getBytes(StandardCharsets.US_ASCII))).isEqualTo("MZXW6YTB");
        assertThat(Totp.base32("foob".getBytes(StandardCharsets.US_ASCII))).isEqualTo("MZXW6YQ");
        assertThat(Totp.uri(SECRET, "anna@example.org")).isEqualTo(
                "otpauth://totp/IoTFlow:anna%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=IoTFlow");
    }
}
