package io.iotflow.acceptance;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SecretsTest {
    @Test
    void aLogWithASecretInItIsFoundAndNotRepeated() {
        Secrets.addFrom("{\"users\":[{\"username\":\"penelope\",\"password\":\"weaves by day\"}]}");
        check("event=sign_in user=penelope", "penelope");
        check("event=oops said=\"weaves by day\"", "weaves by day");
        check("refused iotf_4fXk2mQ9rT7vB1nL8sWcY3hJ6dPzE5gA", "iotf_4fXk2m");
        check("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIzIn0.c2ln", "eyJhbGciOiJFZERTQSJ9");
        Secrets.requireNoneIn("event=started http=8080\nevent=stopped");
    }

    private static void check(String line, String secret) {
        assertThatThrownBy(() -> Secrets.requireNoneIn("event=started\n" + line)).isInstanceOf(AssertionError.class)
                .hasMessageContaining("***").hasMessageNotContaining(secret);
    }
}
