package io.iotflow.server.http;

import io.helidon.http.media.ReadableEntity;
import java.io.IOException;
import java.io.InputStream;

/// The one stream of a request's body, shared by the handler and by whoever clears up after it.
final class Body {
    static final Body NONE = new Body(null);

    private final ReadableEntity entity;
    private InputStream in;

    private Body(ReadableEntity entity) {
        this.entity = entity;
    }

    static Body of(ReadableEntity entity) {
        return entity.hasEntity() ? new Body(entity) : NONE;
    }

    boolean isPresent() {
        return entity != null;
    }

    InputStream in() {
        if (entity == null) return InputStream.nullInputStream();
        if (in == null) in = entity.inputStream();
        return in;
    }

    boolean isRead() {
        return entity == null || entity.consumed();
    }

    /// Reads what is left and throws it away, so that the connection can serve the next request.
    ///
    /// @return false when more than `most` bytes are left, or the client is gone
    boolean drain(long most) {
        if (isRead()) return true;
        var buffer = new byte[8 << 10];
        try {
            for (var left = most; left > 0; ) {
                var count = in().read(buffer);
                if (count < 0) return true;
                left -= count;
            }
        } catch (IOException | RuntimeException e) {
            return false;
        }
        return isRead();
    }
}
