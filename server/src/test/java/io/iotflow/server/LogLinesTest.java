package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What `logback.xml` makes of a line before it is written.
class LogLinesTest {
    private final LoggerContext context = new LoggerContext();

    @BeforeEach
    void readTheConfiguration() throws JoranException {
        var configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(getClass().getResource("/logback.xml"));
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    private String line(String message, Throwable failure) {
        var event = new LoggingEvent("", context.getLogger("io.iotflow.Some"), Level.WARN, message, failure, null);
        var appender = (ConsoleAppender<ILoggingEvent>) context.getLogger("ROOT").getAppender("console");
        return new String(((PatternLayoutEncoder) appender.getEncoder()).encode(event), StandardCharsets.UTF_8);
    }

    private void check(String message, String written) {
        assertThat(line(message, null)).endsWith("WARN  Some " + written + "\n");
    }

    @Test
    void whatLooksLikeASecretIsMasked() {
        check("event=x password=hunter2 user=3", "event=x password=*** user=3");
        check("FATAL: {\"password\": \"hunter2\", \"a\": 1}", "FATAL: {\"password\": \"***\", \"a\": 1}");
        check("sent X-API-Key: 4fXk2mQ9rT7vB1nL8sWcY3hJ6dPzE5gA", "sent X-API-Key: ***");
        check("api_key=4fXk2mQ9rT7vB1nL8sWcY3hJ6dPzE5gA&x=1", "api_key=***&x=1");
        check("Authorization: Bearer abc.def", "Authorization: Bearer ***");
        check("Authorization: admin 0123456789abcdef", "Authorization: admin ***");
        check("refused iotr_4fXk2mQ9rT7vB1nL8sWcY3hJ6dPzE5gA", "refused iotr_***");
        check("refused eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIzIn0.c2ln twice", "refused eyJ*** twice");
        check("client_secret=s3cr3t; tokenSecret: x", "client_secret=***; tokenSecret: ***");
    }

    @Test
    void otherWordsStayAsTheyAre() {
        check("event=started http=8080 mqtt=1883", "event=started http=8080 mqtt=1883");
        check("event=sign_in_refused reason=\"the password is wrong\"",
                "event=sign_in_refused reason=\"the password is wrong\"");
        check("iot_devices and eye", "iot_devices and eye");
    }

    @Test
    void failuresAreMaskedAndWrittenOnce() {
        var line = line("event=failed", new IllegalStateException("no entry for password=hunter2"));
        assertThat(line).contains("password=***").doesNotContain("hunter2").containsOnlyOnce("IllegalStateException");
    }
}
