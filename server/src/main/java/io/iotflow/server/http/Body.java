package io.iotflow.server.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.RequestException;
import io.helidon.http.media.ReadableEntity;
import io.helidon.webserver.CloseConnectionException;
import io.iotflow.server.core.PlatformException;
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
        if (in == null) in = new RequestInput(entity.inputStream());
        return in;
    }

    /// The library says in its own exceptions that a body's framing is broken or that the client is gone.
    private static final class RequestInput extends InputStream {
        private final InputStream in;

        RequestInput(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } catch (RuntimeException e) {
                throw meant(e);
            }
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) return 0;
            try {
                return in.read(into, offset, length);
            } catch (RuntimeException e) {
                throw meant(e);
            }
        }

        private static RuntimeException meant(RuntimeException failure) {
            return switch (failure) {
                case CloseConnectionException gone -> gone;
                case RequestException broken -> broken;
                case DataReader.InsufficientDataAvailableException _ ->
                        new CloseConnectionException("the client left in the middle of its request");
                default -> PlatformException.malformed("The body's chunks or length are broken.");
            };
        }
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
