package io.iotflow.bench.load;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.function.Function;

/// What connections are made and what they say.
public final class LoadPlan {
    /// Far below the number of ports that one address has for one destination.
    private static final int CONNECTIONS_PER_SOURCE = 10_000;

    private final InetSocketAddress address;
    private final int slots;
    private final Function<Device, Wire> wires;

    private LoadPlan(InetSocketAddress address, int slots, Function<Device, Wire> wires) {
        this.address = address;
        this.slots = slots;
        this.wires = wires;
    }

    /// Devices that publish over MQTT 3.1.1.
    ///
    /// @param topic    from the device to its topic
    /// @param inFlight the most messages of one connection that may wait for their answer
    public static LoadPlan mqtt(InetSocketAddress address, Function<Device, String> topic, int qos, Payload payload,
                                int inFlight) {
        return new LoadPlan(address, slotsFor(inFlight),
                device -> MqttWire.publisher(device, topic.apply(device), qos, payload));
    }

    /// Clients that subscribe over MQTT 3.1.1 and count.
    public static LoadPlan mqttSubscribers(InetSocketAddress address, String filter) {
        return new LoadPlan(address, 1, client -> MqttWire.subscriber(client, filter));
    }

    /// Devices that POST one message a request over HTTP/1.1, one request at a time.
    public static LoadPlan http(InetSocketAddress address, String path, Payload payload) {
        var host = address.getHostString() + ":" + address.getPort();
        return new LoadPlan(address, 1, device -> new HttpWire(device, host, path, payload, 1));
    }

    /// The next power of two, so that a ring's index is a mask.
    private static int slotsFor(int inFlight) {
        if (inFlight < 1 || inFlight > 32_768) throw new IllegalArgumentException("in flight must be 1 to 32768");
        return inFlight == 1 ? 1 : Integer.highestOneBit(inFlight - 1) << 1;
    }

    InetSocketAddress address() {
        return address;
    }

    int slots() {
        return slots;
    }

    Wire wire(Device device) {
        return wires.apply(device);
    }

    /// Loopback has many addresses: later connections come from 127.0.0.2 and on, so that ports do not run out.
    Optional<InetAddress> source(int index) {
        if (index < CONNECTIONS_PER_SOURCE || !address.getAddress().isLoopbackAddress()) return Optional.empty();
        try {
            byte last = (byte) (1 + index / CONNECTIONS_PER_SOURCE);
            return Optional.of(InetAddress.getByAddress(new byte[] {127, 0, 0, last}));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("BUG: four bytes are an address", e);
        }
    }
}
