package io.iotflow.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PasswordsTest {
    private final Passwords passwords = new Passwords();

    @Test
    void hashesAreArgon2idAsOthersMakeThem() {
        // The first is a test vector of the reference implementation, the second was made by OpenSSL.
        check("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
        check("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$PL01amPyeUuxG7H0vIr5X+qHkZvWnHmGBGXFYvh8z2E");
    }

    private void check(String encoded) {
        assertThat(passwords.matches("password", encoded)).isTrue();
        assertThat(passwords.matches("passwore", encoded)).isFalse();
    }

    @Test
    void aPasswordMatchesItsOwnHashOnlyAndNoTwoHashesAreAlike() {
        var hash = passwords.hash("correct horse battery");
        assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
        assertThat(hash).isNotEqualTo(passwords.hash("correct horse battery"));
        assertThat(passwords.matches("correct horse battery", hash)).isTrue();
        assertThat(passwords.matches("Correct horse battery", hash)).isFalse();
        assertThat(passwords.matches("", Passwords.NOBODYS)).isFalse();
        assertThat(passwords.matches("x".repeat(1_000_000), Passwords.NOBODYS)).isFalse();
    }

    @Test
    void shortLongAndObviousPasswordsAreRefused() {
        Passwords.check("password", "x".repeat(12), "anna");
        Passwords.check("password", "x".repeat(128), "anna");
        for (var wrong : new String[] {"", "x".repeat(11), "x".repeat(129), "Anna.Andersson", "anna.andersson"}) {
            assertThatThrownBy(() -> Passwords.check("password", wrong, "anna.andersson")).as(wrong)
                    .isInstanceOfSatisfying(PlatformException.class, refusal ->
                            assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID));
        }
    }

    @Test
    void aFloodIsRefusedInsteadOfTakingTheMemory() throws Exception {
        var refused = new AtomicInteger();
        var answered = new AtomicInteger();
        var threads = new ArrayList<Thread>();
        for (var i = 0; i < 200; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                try {
                    passwords.matches("correct horse battery", Passwords.NOBODYS);
                    answered.incrementAndGet();
                } catch (PlatformException refusal) {
                    if (refusal.code() == ErrorCode.OVERLOADED) refused.incrementAndGet();
                }
            }));
        }
        for (var thread : threads) thread.join();
        assertThat(answered.get() + refused.get()).isEqualTo(200);
        assertThat(answered.get()).isGreaterThanOrEqualTo(Limits.PASSWORD_HASHINGS + Limits.PASSWORD_WAITING);
        assertThat(refused.get()).isPositive();
    }
}
