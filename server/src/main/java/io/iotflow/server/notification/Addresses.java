package io.iotflow.server.notification;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/// Which addresses of the network a notification may be sent to. A name is resolved once, every address that it has is
/// looked at, and the connection goes to one that was: no second answer of the name server can lead elsewhere.
final class Addresses {
    private final boolean privateToo;

    Addresses(boolean privateToo) {
        this.privateToo = privateToo;
    }

    /// A name that leads to where notifications may not go.
    static final class Forbidden extends UnknownHostException {
        private static final long serialVersionUID = 1L;

        Forbidden(String host) {
            super(host + " is not at a public address; the operator may allow others with"
                    + " notification.allow_private_addresses");
        }
    }

    /// @throws Forbidden if one of its addresses is forbidden
    InetAddress[] resolve(String host) throws UnknownHostException {
        var found = InetAddress.getAllByName(host);
        for (var address : found) check(host, address);
        return found;
    }

    void check(String host, InetAddress address) throws Forbidden {
        if (!privateToo && !isPublic(address)) throw new Forbidden(host);
    }

    /// Whether an address belongs to the world, and not to this machine, its network, its provider or nobody.
    static boolean isPublic(InetAddress address) {
        var bytes = address.getAddress();
        return address instanceof Inet4Address ? isPublic4(bytes) : isPublic6(bytes);
    }

    private static boolean isPublic4(byte[] bytes) {
        var first = bytes[0] & 0xff;
        var second = bytes[1] & 0xff;
        var third = bytes[2] & 0xff;
        return switch (first) {
            case 0, 10, 127 -> false;
            case 100 -> second < 64 || second > 127;                // carriers' networks
            case 168 -> second != 63 || third != 129 || (bytes[3] & 0xff) != 16; // Azure's own services
            case 169 -> second != 254;                              // link-local, metadata of clouds
            case 172 -> second < 16 || second > 31;
            case 192 -> second != 168
                    && !(second == 0 && (third == 0 || third == 2)) // protocols, documentation
                    && !(second == 88 && third == 99);              // relays
            case 198 -> second != 18 && second != 19                // benchmarks
                    && !(second == 51 && third == 100);             // documentation
            case 203 -> !(second == 0 && third == 113);             // documentation
            default -> first < 224;                                 // multicast, reserved, broadcast
        };
    }

    private static boolean isPublic6(byte[] bytes) {
        var first = word(bytes, 0);
        var second = word(bytes, 2);
        if (first == 0x64 && second == 0xff9b && isZero(bytes, 4, 12)) return isPublic4(tail(bytes, 12)); // NAT64
        if ((first & 0xe000) != 0x2000) return false;              // whatever is not global unicast, mapped IPv4 too
        if (first == 0x2001 && (second < 0x200 || second == 0xdb8)) return false; // Teredo and the like, documentation
        if (first == 0x2002) return isPublic4(Arrays.copyOfRange(bytes, 2, 6));   // 6to4
        return first != 0x3fff;                                     // documentation
    }

    private static int word(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
    }

    private static boolean isZero(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) if (bytes[i] != 0) return false;
        return true;
    }

    private static byte[] tail(byte[] bytes, int from) {
        return Arrays.copyOfRange(bytes, from, bytes.length);
    }
}
