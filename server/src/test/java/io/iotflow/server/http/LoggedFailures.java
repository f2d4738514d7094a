package io.iotflow.server.http;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.slf4j.LoggerFactory;

/// Whatever is logged at warning or above while it is open, by our code or by the HTTP library.
final class LoggedFailures implements AutoCloseable {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final java.util.logging.Logger library = java.util.logging.Logger.getLogger("");
    private final ch.qos.logback.classic.Logger ours = ((LoggerContext) LoggerFactory.getILoggerFactory())
            .getLogger("ROOT");
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            if (line.getLevel().intValue() >= java.util.logging.Level.WARNING.intValue()) {
                lines.add(line.getLoggerName() + ": " + line.getMessage() + " " + line.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
                lines.add(event.getLoggerName() + ": " + event.getFormattedMessage());
            }
        }
    };

    LoggedFailures() {
        library.addHandler(handler);
        appender.start();
        ours.addAppender(appender);
    }

    List<String> lines() {
        return lines;
    }

    @Override
    public void close() {
        library.removeHandler(handler);
        ours.detachAppender(appender);
    }
}
