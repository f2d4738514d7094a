package io.iotflow.server.device;

import static io.iotflow.server.device.DeviceRegistryTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.RegistrationConfig.Mode;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Callers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RegistrationGateTest {
    private static final Caller ANYBODY = new Caller.Anonymous();
    private static final String TOKEN = "0123456789abcdef";

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T12:00:00Z"));

    @Test
    void openTakesTenInFiveMinutesFromEachAddress() {
        var gate = gate(Mode.OPEN);
        for (var i = 0; i < 10; i++) {
            gate.admit(ANYBODY, Optional.empty(), "192.0.2.1");
            now.updateAndGet(time -> time.plusSeconds(1));
        }
        assertThatThrownBy(() -> gate.admit(ANYBODY, Optional.empty(), "192.0.2.1"))
                .isInstanceOfSatisfying(PlatformException.class, refusal -> {
                    assertThat(refusal.code()).isEqualTo(ErrorCode.RATE_LIMITED);
                    assertThat(refusal.retryAfter()).contains(Duration.ofSeconds(290));
                });
        gate.admit(ANYBODY, Optional.empty(), "192.0.2.2");
        gate.admit(Callers.ADMIN, Optional.empty(), "192.0.2.1");
        now.updateAndGet(time -> time.plusSeconds(290));
        gate.admit(ANYBODY, Optional.empty(), "192.0.2.1");
        assertRefused(ErrorCode.RATE_LIMITED, () -> gate.admit(ANYBODY, Optional.empty(), "192.0.2.1"));
    }

    @Test
    void networkOfIpv6CountsAsOneAddress() {
        var gate = gate(Mode.OPEN);
        for (var i = 0; i < 10; i++) gate.admit(ANYBODY, Optional.empty(), "2001:db8::" + i);
        assertRefused(ErrorCode.RATE_LIMITED, () -> gate.admit(ANYBODY, Optional.empty(), "2001:db8::ff:1"));
        gate.admit(ANYBODY, Optional.empty(), "2001:db8:0:1::1");
    }

    @Test
    void tokenModeWantsTheKeyAndLimitsGuessing() {
        var gate = gate(Mode.TOKEN);
        gate.admit(ANYBODY, Optional.of(TOKEN), "192.0.2.1");
        for (var i = 0; i < 9; i++) {
            assertRefused(ErrorCode.REGISTRATION_CLOSED, () -> gate.admit(ANYBODY, Optional.of("wrong"), "192.0.2.1"));
        }
        assertRefused(ErrorCode.RATE_LIMITED, () -> gate.admit(ANYBODY, Optional.of(TOKEN), "192.0.2.1"));
        assertRefused(ErrorCode.REGISTRATION_CLOSED, () -> gate.admit(ANYBODY, Optional.empty(), "192.0.2.2"));
    }

    @Test
    void closedTakesOperatorsOnly() {
        var gate = gate(Mode.CLOSED);
        gate.admit(Callers.ADMIN, Optional.empty(), "192.0.2.1");
        assertRefused(ErrorCode.REGISTRATION_CLOSED, () -> gate.admit(ANYBODY, Optional.of(TOKEN), "192.0.2.1"));
    }

    private RegistrationGate gate(Mode mode) {
        return new RegistrationGate(new RegistrationConfig(mode, Optional.of(TOKEN), 10, Duration.ofMinutes(5), 0),
                (InstantSource) now::get);
    }
}
