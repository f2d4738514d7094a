package io.iotflow.server.language;

import java.util.AbstractList;
import java.util.RandomAccess;

/// Bytes as the language sees them: an array of numbers from 0 to 255.
final class Bytes extends AbstractList<Object> implements RandomAccess {
    final byte[] bytes;

    Bytes(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public Object get(int index) {
        return (double) (bytes[index] & 0xff);
    }

    @Override
    public int size() {
        return bytes.length;
    }
}
