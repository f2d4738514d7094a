package io.iotflow.server.http;

import io.helidon.common.socket.PeerInfo;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;

/// Finds out from which address a request really came. `X-Forwarded-For` is read from its right end, past trusted
/// proxies only, since everything left of them may be invented.
final class RemoteAddress {
    private final Set<String> trusted;

    RemoteAddress(List<String> trustedProxies) {
        this.trusted = Set.copyOf(trustedProxies);
    }

    String of(PeerInfo peer, Headers headers) {
        var address = peer.address() instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress() : peer.host();
        if (trusted.isEmpty() || !trusted.contains(address) || !headers.contains(HeaderNames.X_FORWARDED_FOR)) {
            return address;
        }
        var hops = headers.get(HeaderNames.X_FORWARDED_FOR).allValues().stream()
                .flatMap(line -> java.util.Arrays.stream(line.split(","))).map(String::strip).toList();
        for (var hop : hops.reversed()) {
            if (!hop.isEmpty() && !trusted.contains(hop)) return hop;
        }
        return address;
    }
}
