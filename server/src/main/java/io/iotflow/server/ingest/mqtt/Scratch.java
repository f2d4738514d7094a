package io.iotflow.server.ingest.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;

/// Payloads as arrays, without a new array for each.
final class Scratch {
    private static final FastThreadLocal<byte[]> BYTES = new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
            return new byte[16 << 10];
        }
    };

    private Scratch() {}

    /// An array that begins with the payload, until the same thread asks again.
    static byte[] copyOf(ByteBuf payload) {
        var length = payload.readableBytes();
        var bytes = length <= BYTES.get().length ? BYTES.get() : new byte[length];
        payload.getBytes(payload.readerIndex(), bytes, 0, length);
        return bytes;
    }
}
