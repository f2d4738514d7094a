package io.iotflow.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.simulator.Link.LinkException;
import io.iotflow.simulator.model.Timeline;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// One device, alive on one virtual thread that does everything in turns: connect, read, send, listen. Links put what
/// they hear into its inbox and touch nothing else. Readings are taken at their simulated times whatever the network
/// does, kept in the bounded outbox, and repeated until the platform has acknowledged or refused them.
final class PretendDevice implements Runnable, CommandDesk.Device {
    static final String FIRMWARE = "1.0.0";
    /// How long a device that is to stop waits for outstanding acknowledgements after the last one came.
    static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration RESTART_TAKES = Duration.ofSeconds(2);
    private static final Duration LONGEST_NAP = Duration.ofMinutes(1);
    /// Events beyond this are commands that nobody can want; acknowledgements are bounded by what is in flight.
    private static final int INBOX_COMMANDS_MAX = 1_000;

    private final PlannedDevice planned;
    private final SimulationOptions options;
    private final SimulatedTime time;
    private final Fleetmates mates;
    private final FaultPlan faults;
    private final Outbox outbox;
    private final Tally tally = new Tally();
    private final BlockingQueue<LinkEvent> inbox = new LinkedBlockingQueue<>();
    private final CommandDesk commands = new CommandDesk(this);
    private final Backoff backoff;
    private final Instant lastMoment;

    private volatile String name;
    private volatile String state = "waiting";
    private volatile boolean stopping;
    private volatile Link link;

    private Identity identity;
    private Sensors sensors;
    private Duration interval;
    private Instant lastReading;
    private Instant nextReading;
    private Optional<Instant> nextLoss;
    private Instant booted;
    private Instant nextBeat = Instant.MIN;
    private Instant nextAttempt = Instant.MIN;
    private Instant pausedUntil = Instant.MIN;
    private Instant graceUntil;
    private boolean wasConnected;
    private boolean keyRenewed;
    private long highestSent;

    /// What a device needs of the simulation it belongs to.
    interface Fleetmates {
        Link open(Identity identity, Consumer<LinkEvent> inbox) throws LinkException, InterruptedException;

        Identity renew(PlannedDevice device) throws InterruptedException;

        void notice(String sentence);
    }

    PretendDevice(PlannedDevice planned, SimulationOptions options, SimulatedTime time, Fleetmates mates) {
        this.planned = planned;
        this.options = options;
        this.time = time;
        this.mates = mates;
        this.name = planned.name();
        this.faults = new FaultPlan(options.faults(), planned, options.pace(), time.start());
        this.backoff = new Backoff(Timeline.key(options.pace().seed(), "backoff of " + planned.name()));
        this.outbox = new Outbox(options.target().protocol() == Target.Protocol.HTTP ? 1 : options.maxInFlight());
        this.interval = options.pace().telemetryInterval().orElse(planned.profile().telemetryInterval());
        var end = options.pace().duration().map(time.start()::plus).orElse(Instant.MAX);
        this.lastMoment = faults.death().filter(death -> death.isBefore(end)).orElse(end);
    }

    /// Before [#run].
    ///
    /// @param begin the first simulated moment of which the device reports
    void become(Identity who, Instant begin) {
        identity = who;
        name = who.name();
        nextReading = begin;
        booted = begin;
        nextLoss = faults.nextDisconnect(begin);
    }

    void stop() {
        stopping = true;
        inbox.add(new LinkEvent.Nudge());
    }

    boolean isConnected() {
        return link != null;
    }

    boolean isEnrolled() {
        return !state.equals("waiting") && !state.equals("failed");
    }

    void fail(String why) {
        tally.problem = why;
        state = "failed";
    }

    Tally tally() {
        return tally;
    }

    DeviceReport report() {
        return new DeviceReport(name, planned.type(), state, tally.sent.get(), tally.acknowledged.get(),
                tally.refused.get(), tally.dropped.get(), tally.discarded.get(), tally.reconnects.get(),
                tally.commands.get(), tally.latencies.percentile(0.5), tally.latencies.percentile(0.99), tally.problem);
    }

    @Override
    public void run() {
        state = "disconnected";
        var timeline = new Timeline(planned.type(), planned.name(), options.pace().seed(), time.start());
        sensors = new Sensors(timeline, faults);
        try {
            while (!isFinished()) {
                connectWhenDue();
                read();
                beatWhenDue();
                loseConnectionWhenDue();
                send();
                listen();
            }
            state = faults.isDead(time.instant()) ? "dead" : "finished";
        } catch (InterruptedException e) {
            state = "finished";
        } catch (SimulationFailure e) {
            fail(e.getMessage());
            mates.notice(name + ": " + e.getMessage());
        } finally {
            leave();
        }
    }

    private boolean isFinished() {
        if (!stopping && time.instant().isBefore(lastMoment)) return false;
        if (!stopping && nextReading.isBefore(lastMoment)) return false;
        if (outbox.isEmpty() || (stopping && link == null)) return true;
        if (graceUntil == null) graceUntil = time.wallInstant().plus(GRACE);
        return time.wallInstant().isAfter(graceUntil);
    }

    private void leave() {
        var open = link;
        link = null;
        if (open == null) return;
        if (state.equals("dead")) {
            open.drop();
        } else {
            open.status(Json.bytes(status("offline")));
            open.close();
        }
    }

    private void connectWhenDue() throws InterruptedException {
        if (link != null || time.wallInstant().isBefore(nextAttempt)) return;
        try {
            link = mates.open(identity, this::hear);
            state = "connected";
            backoff.reset();
            if (wasConnected) tally.reconnects.incrementAndGet();
            wasConnected = true;
            link.status(Json.bytes(status("online")));
            nextBeat = time.wallInstant().plus(planned.profile().heartbeatInterval());
        } catch (LinkException e) {
            tally.problem = e.getMessage();
            if (e.isKeyRefused() && !keyRenewed) {
                keyRenewed = true;
                identity = mates.renew(planned);
                name = identity.name();
            } else {
                nextAttempt = time.wallInstant().plus(backoff.next());
            }
        }
    }

    /// Commands are bounded here; everything else is bounded by what the device itself has in flight.
    private void hear(LinkEvent event) {
        if (event instanceof LinkEvent.CommandArrived && inbox.size() >= INBOX_COMMANDS_MAX) return;
        inbox.add(event);
    }

    private void read() {
        var now = time.instant();
        while (!stopping && nextReading.isBefore(lastMoment) && !dueAt(nextReading).isAfter(now)) {
            if (outbox.isFull()) {
                if (link != null) return;
                outbox.discardOldest();
                tally.discarded.incrementAndGet();
            }
            if (faults.drops(nextReading)) {
                tally.dropped.incrementAndGet();
            } else {
                outbox.add(Json.telemetry(faults.deviceClock(nextReading), sensors.readingAt(nextReading)));
            }
            // The first gap differs from device to device, so that a fleet does not speak in chorus.
            var gap = lastReading == null ? firstGap() : interval;
            lastReading = nextReading;
            nextReading = nextReading.plus(gap);
        }
    }

    /// Between half an interval and one and a half, by seed and name.
    private Duration firstGap() {
        var key = Timeline.key(options.pace().seed(), "phase of " + planned.name());
        return interval.multipliedBy(500 + Math.floorMod(key, 1_000)).dividedBy(1_000);
    }

    private Instant dueAt(Instant reading) {
        return reading.plus(faults.delay(reading));
    }

    private void beatWhenDue() {
        if (link == null || time.wallInstant().isBefore(nextBeat)) return;
        link.heartbeat(Json.bytes(Json.object()
                .put("timestamp", Json.timestamp(faults.deviceClock(time.instant())))
                .put("uptime_s", Duration.between(booted, time.instant()).toSeconds())));
        nextBeat = time.wallInstant().plus(planned.profile().heartbeatInterval());
    }

    private void loseConnectionWhenDue() {
        var now = time.instant();
        var due = false;
        while (nextLoss.isPresent() && !nextLoss.get().isAfter(now)) {
            due = true;
            nextLoss = faults.nextDisconnect(nextLoss.get());
        }
        var open = link;
        if (!due || open == null) return;
        open.drop();
        disconnected("connection lost on purpose", backoff.next());
    }

    private void disconnected(String why, Duration away) {
        link = null;
        state = "disconnected";
        tally.problem = why;
        outbox.returnInFlight();
        nextAttempt = time.wallInstant().plus(away);
    }

    private void send() {
        while (link != null && !time.wallInstant().isBefore(pausedUntil)) {
            var message = outbox.next();
            if (message.isEmpty()) return;
            if (message.get().number() > highestSent) {
                highestSent = message.get().number();
                tally.sent.incrementAndGet();
            }
            link.send(message.get());
        }
    }

    private void listen() throws InterruptedException {
        var event = inbox.poll(untilNextDuty().toNanos(), TimeUnit.NANOSECONDS);
        while (event != null) {
            handle(event);
            event = inbox.poll();
        }
    }

    private Duration untilNextDuty() {
        var wall = time.wallInstant();
        var nap = shorter(LONGEST_NAP, lastMoment.equals(Instant.MAX) ? LONGEST_NAP : time.until(lastMoment));
        if (nextReading.isBefore(lastMoment) && !stopping && !(link != null && outbox.isFull())) {
            nap = shorter(nap, time.until(dueAt(nextReading)));
        }
        if (graceUntil != null) nap = shorter(LONGEST_NAP, Duration.between(wall, graceUntil));
        if (link == null) {
            nap = shorter(nap, Duration.between(wall, nextAttempt));
        } else {
            nap = shorter(nap, Duration.between(wall, nextBeat));
            if (nextLoss.isPresent()) nap = shorter(nap, time.until(nextLoss.get()));
            if (wall.isBefore(pausedUntil)) nap = shorter(nap, Duration.between(wall, pausedUntil));
        }
        return nap.isNegative() ? Duration.ZERO : nap.plusMillis(1);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void handle(LinkEvent event) {
        switch (event) {
            case LinkEvent.Acknowledged(var number, var latency) -> {
                tally.latencies.add(latency);
                if (outbox.settle(number)) tally.acknowledged.incrementAndGet();
                if (graceUntil != null) graceUntil = time.wallInstant().plus(GRACE);
            }
            case LinkEvent.Refused(var number, var why) -> {
                if (outbox.settle(number)) tally.refused.incrementAndGet();
                tally.problem = "refused: " + why;
            }
            case LinkEvent.Busy(var from, var retryAfter) when from == link -> {
                outbox.returnInFlight();
                pausedUntil = time.wallInstant().plus(retryAfter);
                tally.problem = "the platform asked to slow down";
            }
            case LinkEvent.Lost(var from, var why) when from == link -> {
                from.close();
                disconnected(why, backoff.next());
            }
            case LinkEvent.CommandArrived(var topic, var payload) -> answer(topic, payload);
            case LinkEvent.Busy _, LinkEvent.Lost _, LinkEvent.Nudge _ -> { }
        }
    }

    private void answer(String topic, byte[] payload) {
        tally.commands.incrementAndGet();
        var answer = commands.answer(topic, payload, time.wallInstant(), faults.deviceClock(time.instant()));
        var open = link;
        if (open == null) return;
        open.report(answer.topic(), answer.result());
        if (!answer.restarting()) return;
        open.status(Json.bytes(status("restarting")));
        open.close();
        booted = time.instant();
        disconnected("restarted by command", RESTART_TAKES);
    }

    @Override
    public ObjectNode describe() {
        return status("online");
    }

    @Override
    public ObjectNode calibrate(Order.Calibrate order) {
        sensors.calibrate(order);
        return Json.object(sensors.calibrated());
    }

    @Override
    public void changeInterval(Duration wanted) {
        interval = wanted;
        var now = time.instant();
        // A device that is behind takes what is due first; otherwise the new interval counts from the last reading.
        if (lastReading == null || !nextReading.isAfter(now)) return;
        var next = lastReading.plus(wanted);
        nextReading = next.isBefore(now) ? now : next;
    }

    private ObjectNode status(String word) {
        var now = time.instant();
        var status = Json.object().put("status", word)
                .put("timestamp", Json.timestamp(faults.deviceClock(now)))
                .put("device_type", planned.type().word()).put("firmware_version", FIRMWARE)
                .put("uptime_s", Duration.between(booted, now).toSeconds())
                .put("interval_s", interval.toMillis() / 1_000.0)
                .put("sent", tally.sent.get()).put("acknowledged", tally.acknowledged.get())
                .put("reconnects", tally.reconnects.get());
        status.set("readings", Json.object(sensors.calibrated()));
        return status;
    }
}
