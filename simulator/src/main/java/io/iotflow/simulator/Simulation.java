package io.iotflow.simulator;

import io.iotflow.simulator.Link.LinkException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running fleet. Each device lives on a virtual thread of its own; one more enrols them, one after the other, so
/// that a platform which limits registrations is not stormed and the first devices report while the last still wait.
public final class Simulation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Simulation.class);
    private static final Duration REACH_WITHIN = Duration.ofSeconds(5);
    /// Devices that connect at the same moment, so that a large fleet does not look like an attack.
    private static final int CONNECTING_MAX = 64;
    private static final Duration CLOSE_WITHIN = PretendDevice.GRACE.plusSeconds(5);

    private final SimulationOptions options;
    private final Consumer<String> notices;
    private final HttpClient http;
    private final Registrar registrar;
    private final SimulatedTime time;
    private final List<PretendDevice> devices = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Thread enrolling;
    private final CountDownLatch finished;
    private final Semaphore connecting = new Semaphore(CONNECTING_MAX);
    private volatile boolean closing;

    /// Starts a fleet whose notices go to the log.
    ///
    /// @throws SimulationFailure        when the platform cannot be reached or will not have the first device
    /// @throws IllegalArgumentException when the options contradict each other
    public static Simulation start(SimulationOptions options) {
        return start(options, sentence -> LOG.info("event=simulator notice=\"{}\"", sentence), InstantSource.system());
    }

    /// @param notices hears sentences for the person who watches, from any thread
    /// @param wall    the platform's time of day
    public static Simulation start(SimulationOptions options, Consumer<String> notices, InstantSource wall) {
        var start = options.pace().startAt(wall.instant());
        var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(REACH_WITHIN).build();
        try {
            if (options.target().protocol() == Target.Protocol.MQTT) reachBroker(options.target());
            var registrar = new Registrar(http, options.target(), options.access(), notices);
            var first = registrar.enrol(options.fleet().devices().getFirst());
            return new Simulation(options, notices, http, registrar, first.identity(),
                    new SimulatedTime(wall, start, options.pace().speed()));
        } catch (InterruptedException e) {
            http.shutdownNow();
            Thread.currentThread().interrupt();
            throw new SimulationFailure("Interrupted before the first device was registered.");
        } catch (RuntimeException failure) {
            http.shutdownNow();
            throw failure;
        }
    }

    /// Before anything is registered: a fleet that cannot connect would only leave names behind.
    private static void reachBroker(Target target) {
        try (var socket = new Socket()) {
            var address = new InetSocketAddress(target.host(), target.mqttPort());
            if (address.isUnresolved()) throw new UnknownHostException(target.host());
            socket.connect(address, (int) REACH_WITHIN.toMillis());
        } catch (IOException e) {
            throw new SimulationFailure("Cannot reach MQTT at " + target.host() + ":" + target.mqttPort() + ": "
                    + Causes.of(e) + ". Is the platform running? Name it with --host and --mqtt-port, or use "
                    + "--protocol http.");
        }
    }

    private Simulation(SimulationOptions options, Consumer<String> notices, HttpClient http, Registrar registrar,
                       Identity first, SimulatedTime time) {
        this.options = options;
        this.notices = notices;
        this.http = http;
        this.registrar = registrar;
        this.time = time;
        var planned = options.fleet().devices();
        this.finished = new CountDownLatch(planned.size());
        var mates = new Mates();
        for (var device : planned) devices.add(new PretendDevice(device, options, time, mates));
        launch(devices.getFirst(), first, time.start());
        this.enrolling = Thread.ofVirtual().name("simulator-enrolling").start(this::enrolTheOthers);
    }

    private void enrolTheOthers() {
        var planned = options.fleet().devices();
        var next = 1;
        try {
            for (; next < planned.size() && !closing; next++) {
                try {
                    var enrolment = registrar.enrol(planned.get(next));
                    launch(devices.get(next), enrolment.identity(), enrolment.waited() ? time.instant() : time.start());
                } catch (SimulationFailure failure) {
                    devices.get(next).fail(failure.getMessage());
                    notices.accept(failure.getMessage());
                    finished.countDown();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (; next < planned.size(); next++) finished.countDown();
    }

    private void launch(PretendDevice device, Identity identity, Instant begin) {
        device.become(identity, begin);
        var thread = Thread.ofVirtual().name("simulator-" + identity.name()).unstarted(() -> {
            try {
                device.run();
            } finally {
                finished.countDown();
            }
        });
        synchronized (threads) {
            threads.add(thread);
            thread.start();
            if (closing) device.stop();
        }
    }

    /// Waits until every device has finished: at the end of the planned duration, if there is one.
    ///
    /// @return false when the time passed first
    public boolean await(Duration atMost) throws InterruptedException {
        return finished.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    public Progress progress() {
        var latencies = new Latencies();
        devices.forEach(device -> device.tally().latencies.addTo(latencies));
        var problem = devices.stream().map(device -> device.tally().problem).filter(text -> !text.isEmpty())
                .findFirst().orElse("");
        return new Progress(time.instant(), devices.size(),
                (int) devices.stream().filter(PretendDevice::isEnrolled).count(),
                (int) devices.stream().filter(PretendDevice::isConnected).count(),
                sum(tally -> tally.sent.get()), sum(tally -> tally.acknowledged.get()),
                sum(tally -> tally.refused.get()), sum(tally -> tally.dropped.get()),
                sum(tally -> tally.discarded.get()), sum(tally -> tally.reconnects.get()),
                latencies.percentile(0.5), latencies.percentile(0.99), problem);
    }

    private long sum(ToLongFunction<Tally> count) {
        return devices.stream().map(PretendDevice::tally).mapToLong(count).sum();
    }

    /// One report a device, in the order of the fleet.
    public List<DeviceReport> devices() {
        return devices.stream().map(PretendDevice::report).toList();
    }

    /// Lets the devices say goodbye: outstanding acknowledgements are waited for while they keep coming.
    @Override
    public void close() {
        closing = true;
        enrolling.interrupt();
        synchronized (threads) {
            devices.forEach(PretendDevice::stop);
        }
        try {
            if (!await(CLOSE_WITHIN)) {
                synchronized (threads) {
                    threads.forEach(Thread::interrupt);
                }
                await(PretendDevice.GRACE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            http.shutdownNow();
        }
    }

    /// What one device needs of the others' common ground.
    private final class Mates implements PretendDevice.Fleetmates {
        @Override
        public Link open(Identity identity, Consumer<LinkEvent> inbox) throws LinkException, InterruptedException {
            connecting.acquire();
            try {
                return switch (options.target().protocol()) {
                    case MQTT -> MqttLink.open(options.target(), identity, inbox);
                    case HTTP -> HttpLink.open(http, options.target(), identity, inbox);
                };
            } finally {
                connecting.release();
            }
        }

        @Override
        public Identity renew(PlannedDevice device) throws InterruptedException {
            return registrar.renew(device).identity();
        }

        @Override
        public void notice(String sentence) {
            notices.accept(sentence);
        }
    }
}
