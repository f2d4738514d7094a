package io.iotflow.ledger;

import java.util.Base64;

/// Standard Base64 (RFC 4648, section 4) with one text for one value. The JDK's decoder also reads texts without
/// padding and with stray bits at the end; then two different files could carry the same signature.
final class StrictBase64 {

    private StrictBase64() {}

    static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /// @throws IllegalArgumentException if it is anything but what [#encode] writes
    static byte[] decode(String text) {
        var bytes = Base64.getDecoder().decode(text);
        if (!encode(bytes).equals(text)) throw new IllegalArgumentException("is not standard Base64 with padding");
        return bytes;
    }
}
