package io.iotflow.server.notification;

import java.net.URI;

/// Whom a delivery goes to.
sealed interface Target {

    record OfChannel(long id) implements Target {}

    /// A webhook that a rule names itself.
    record OfUrl(URI url) implements Target {}

    /// As it is kept.
    default String text() {
        return switch (this) {
            case OfChannel(var id) -> "channel:" + id;
            case OfUrl(var url) -> "url:" + url;
        };
    }

    static Target of(String text) {
        return text.startsWith("channel:") ? new OfChannel(Long.parseLong(text.substring(8)))
                : new OfUrl(URI.create(text.substring(4)));
    }
}
