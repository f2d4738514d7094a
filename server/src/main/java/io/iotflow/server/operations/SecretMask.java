package io.iotflow.server.operations;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.pattern.CompositeConverter;
import java.util.regex.Pattern;

/// The last look at a log line before it is written: what stands after a secret's name, or looks like a token, becomes
/// `***`. We log no secrets; a library's words, or a driver's, may repeat one. `logback.xml` calls it `%masked(…)`.
public final class SecretMask extends CompositeConverter<ILoggingEvent> {
    private static final Pattern SECRET = Pattern.compile("""
            (?xi)( (?:authorization|api[_-]?key|passw(?:or)?d|secret|token) "? \\s* [=:] \\s* "?
                   (?:(?:bearer|basic|admin)\\s+)?
                 | \\biot[a-z]_(?=[\\w-]{20})
                 | \\beyJ(?=[\\w-]{10})
                 )[^\\s"&,;}]+""");

    @Override
    protected String transform(ILoggingEvent event, String text) {
        return SECRET.matcher(text).replaceAll("$1***");
    }
}
