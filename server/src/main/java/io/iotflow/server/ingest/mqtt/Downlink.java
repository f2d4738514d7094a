package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.core.DeviceId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// Commands on their way to connected devices. The broker carries them, but whether one goes out is decided here, at
/// the moment at which its packet is written: once, to one connection, and not when it was taken back or has expired. A
/// copy that the broker still has, or brings again to a resumed session, is not let out. So a command's way is known
/// exactly: handed over, written, and acknowledged by the device's client or lost with its connection.
///
/// For all threads; event loops never wait here for more than a few instructions.
public final class Downlink {
    /// The broker drops a copy by itself when this has passed after its lease; then nobody asks for it any more.
    private static final Duration REMEMBERED = Duration.ofMinutes(1);

    private final InstantSource clock;
    private final Map<UUID, Parcel> parcels = new ConcurrentHashMap<>();
    private final Map<DeviceId, Line> lines = new ConcurrentHashMap<>();
    private volatile Reports reports;
    private volatile Broker broker;

    /// What the client's acknowledgement shows.
    ///
    /// @param connection tells one connection of the client from another
    public record Receipt(int packetId, String clientId, String connection) {}

    /// Told what happens, on event loops: must be quick and must not wait.
    public interface Reports {
        /// A client of the device takes commands from now on.
        void listening(DeviceId device);

        /// The client has acknowledged the packet.
        void acknowledged(UUID command, Receipt receipt);

        /// The client has answered the packet with a reason code that means no.
        void refused(UUID command, int reason, Receipt receipt);

        /// The command has gone out at QoS 0: nothing will say whether it has arrived.
        void unacknowledged(UUID command);

        /// The connection has ended without an acknowledgement.
        void lost(UUID command);
    }

    /// Publishes on the device's topic for commands.
    @FunctionalInterface
    interface Broker {
        void publish(DeviceId device, byte[] content, Instant until);
    }

    private enum Stage { HANDED, OUT, DONE }

    private static final class Parcel {
        private final UUID id;
        private final DeviceId device;
        private final Instant expires;
        private final Instant forgottenAt;
        private Stage stage = Stage.HANDED;
        private DeviceCommands carrier;

        private Parcel(UUID id, DeviceId device, Instant expires, Instant forgottenAt) {
            this.id = id;
            this.device = device;
            this.expires = expires;
            this.forgottenAt = forgottenAt;
        }
    }

    /// What goes to one device. Guards itself and its parcels.
    private static final class Line {
        private final Map<UUID, Parcel> open = new HashMap<>(2);
        private int listeners;
        private boolean isRemoved;
    }

    enum Verdict { PASSES, STAYS, FOREIGN }

    public Downlink(InstantSource clock) {
        this.clock = clock;
    }

    /// Before the first client comes.
    public void report(Reports to) {
        reports = to;
    }

    void open(Broker publisher) {
        broker = publisher;
    }

    public boolean isListening(DeviceId device) {
        var line = lines.get(device);
        if (line == null) return false;
        synchronized (line) {
            return line.listeners > 0;
        }
    }

    public Set<DeviceId> listening() {
        return Set.copyOf(lines.entrySet().stream().filter(entry -> {
            synchronized (entry.getValue()) {
                return entry.getValue().listeners > 0;
            }
        }).map(Map.Entry::getKey).toList());
    }

    /// How many are on their way to a device: not acknowledged, taken back or lost yet.
    public int underWay(DeviceId device) {
        var line = lines.get(device);
        if (line == null) return 0;
        synchronized (line) {
            return line.open.size();
        }
    }

    /// Whether it is on its way.
    public boolean isUnderWay(UUID command) {
        var parcel = parcels.get(command);
        return parcel != null && stageOf(parcel) != Stage.DONE;
    }

    /// Whether its packet was written to a connection that is still there.
    public boolean isOut(UUID command) {
        var parcel = parcels.get(command);
        return parcel != null && stageOf(parcel) == Stage.OUT;
    }

    private Stage stageOf(Parcel parcel) {
        var line = lines.get(parcel.device);
        if (line == null) return Stage.DONE;
        synchronized (line) {
            return parcel.stage;
        }
    }

    /// Hands a command over. It is reported as lost if the device does not listen, or no more.
    ///
    /// @param expires after this it does not go out any more
    /// @param lease   how long the broker may keep it
    public void send(DeviceId device, UUID command, byte[] content, Instant expires, Duration lease) {
        var until = clock.instant().plus(lease);
        var parcel = new Parcel(command, device, expires, until.plus(REMEMBERED));
        if (!isTaken(parcel)) {
            reports.lost(command);
            return;
        }
        broker.publish(device, content, until.isBefore(expires) ? until : expires);
    }

    private boolean isTaken(Parcel parcel) {
        var line = lines.get(parcel.device);
        if (line == null) return false;
        synchronized (line) {
            if (line.listeners == 0) return false;
            line.open.put(parcel.id, parcel);
            parcels.put(parcel.id, parcel);
            return true;
        }
    }

    /// Takes a command back.
    ///
    /// @return true if it had not gone out, and will not
    public boolean withdraw(UUID command) {
        var parcel = parcels.get(command);
        var line = parcel == null ? null : lines.get(parcel.device);
        if (line == null) return false;
        synchronized (line) {
            var wasHanded = parcel.stage == Stage.HANDED;
            if (wasHanded) end(line, parcel);
            return wasHanded;
        }
    }

    /// Asked when the packet is about to be written.
    Verdict goesOut(UUID command, DeviceId device, DeviceCommands carrier) {
        var parcel = parcels.get(command);
        var line = lines.get(device);
        if (parcel == null || line == null || !parcel.device.equals(device)) return Verdict.FOREIGN;
        synchronized (line) {
            if (parcel.stage != Stage.HANDED || !clock.instant().isBefore(parcel.expires)) return Verdict.STAYS;
            parcel.stage = Stage.OUT;
            parcel.carrier = carrier;
            return Verdict.PASSES;
        }
    }

    void unacknowledged(UUID command) {
        if (isEnded(command)) reports.unacknowledged(command);
    }

    void acknowledged(UUID command, Receipt receipt) {
        if (isEnded(command)) reports.acknowledged(command, receipt);
    }

    void refused(UUID command, int reason, Receipt receipt) {
        if (isEnded(command)) reports.refused(command, reason, receipt);
    }

    private boolean isEnded(UUID command) {
        var parcel = parcels.get(command);
        var line = parcel == null ? null : lines.get(parcel.device);
        if (line == null) return false;
        synchronized (line) {
            if (parcel.stage == Stage.DONE) return false;
            end(line, parcel);
            return true;
        }
    }

    private static void end(Line line, Parcel parcel) {
        parcel.stage = Stage.DONE;
        parcel.carrier = null;
        line.open.remove(parcel.id, parcel);
    }

    void listens(DeviceId device) {
        while (true) {
            var line = lines.computeIfAbsent(device, _ -> new Line());
            synchronized (line) {
                if (line.isRemoved) continue;
                line.listeners++;
            }
            reports.listening(device);
            return;
        }
    }

    /// A connection that has listened does not any more, or has ended.
    ///
    /// @param hasEnded what it carried is lost then
    void leaves(DeviceId device, DeviceCommands carrier, boolean wasListening, boolean hasEnded) {
        var line = lines.get(device);
        if (line == null) return;
        Parcel[] lost;
        synchronized (line) {
            if (wasListening) line.listeners--;
            lost = line.open.values().stream().filter(parcel -> parcel.carrier == carrier && hasEnded
                    || parcel.stage == Stage.HANDED && line.listeners == 0).toArray(Parcel[]::new);
            for (var parcel : lost) end(line, parcel);
            if (line.listeners == 0 && line.open.isEmpty()) {
                line.isRemoved = true;
                lines.remove(device, line);
            }
        }
        for (var parcel : lost) reports.lost(parcel.id);
    }

    /// Forgets those that the broker cannot have any more. Called now and then.
    void forgetOld() {
        var now = clock.instant();
        parcels.values().removeIf(parcel -> stageOf(parcel) == Stage.DONE && now.isAfter(parcel.forgottenAt));
    }
}
