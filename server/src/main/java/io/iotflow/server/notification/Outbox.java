package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.certificate.TrustedCertificates;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Worker;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends what [Notices] have written down, at least once, and keeps what came of each try. What is not sent when the
/// platform stops or dies is sent by the next one, or by another node.
///
/// One thread takes what is due; each delivery has a virtual thread. No receiver has more than a few at a time, so that
/// a slow one delays nobody else, and one that fails again and again is left alone for a while.
public final class Outbox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final Duration LONGEST_REST = Duration.ofSeconds(10);
    /// When something is due whose receiver has no room.
    private static final Duration SHORT_REST = Duration.ofMillis(500);
    private static final Duration COUNT_EVERY = Duration.ofSeconds(1);
    private static final Duration UPKEEP_EVERY = Duration.ofMinutes(10);
    private static final Duration LAST_MOMENTS = Duration.ofSeconds(2);

    private final Database database;
    private final Channels channels;
    private final Notices notices;
    private final InstantSource clock;
    private final DeliveryStore store = new DeliveryStore();
    private final OutsideHttp http;
    private final Senders senders;
    private final Room room;
    private final Semaphore tests = new Semaphore(Limits.CHANNEL_TESTS);
    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
    private final ScheduledExecutorService scheduler =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("outbox-deadlines").daemon().factory());
    private final ExecutorService workers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("outbox-", 0).factory());
    private final LongAdder delivered = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final Worker worker;
    private volatile long waiting;
    private Instant nextUpkeep = Instant.EPOCH;
    private Instant nextCount = Instant.EPOCH;

    /// @param topics the platform's own broker
    public Outbox(Database database, Channels channels, Notices notices, NotificationConfig config, AlertTopics topics,
            InstantSource clock) {
        this.database = database;
        this.channels = channels;
        this.notices = notices;
        this.clock = clock;
        var addresses = new Addresses(config.allowPrivateAddresses());
        room = new Room(config.concurrency());
        var tls = TrustedCertificates.context("notification.ca_file", config.caFile());
        http = new OutsideHttp(addresses, tls, config.concurrency() + Limits.CHANNEL_TESTS, scheduler, clock);
        senders = new Senders(http, new Mail(addresses, tls, scheduler, Limits.DELIVERY_TIME), topics, clock);
        worker = new Worker(database, Notices.WAKE, "outbox", SHORT_REST, this::pass);
        worker.start();
    }

    private Duration pass() {
        upkeep();
        return dispatch();
    }

    private void upkeep() {
        var now = now();
        if (now.isBefore(nextUpkeep)) return;
        nextUpkeep = now.plus(UPKEEP_EVERY);
        database.transaction(OrganizationPath.ROOT, handle -> {
            store.forget(handle, now, Limits.DELIVERIES_KEPT);
            return null;
        });
        lanes.values().removeIf(lane -> lane.isForgettable(now, UPKEEP_EVERY));
    }

    /// Hands out what is due and has room.
    ///
    /// @return how long there is nothing to do, unless something happens
    private Duration dispatch() {
        var now = now();
        var targets = database.transaction(OrganizationPath.ROOT, handle -> {
            if (!now.isBefore(nextCount)) {
                count(store.waiting(handle));
                nextCount = now.plus(COUNT_EVERY);
            }
            return store.dueTargets(handle, now);
        });
        Collections.shuffle(targets);
        for (var due : targets) {
            var lane = lanes.computeIfAbsent(due.target(), _ -> new Lane());
            var share = DeliveryStore.Share.top(due.organization());
            var most = Math.min(lane.free(now), room.left(share));
            if (most > 0) claim(due.target(), most, now).forEach(delivery -> start(lane, share, delivery));
        }
        if (!targets.isEmpty()) return SHORT_REST;
        var next = database.transaction(OrganizationPath.ROOT, handle -> store.nextDue(handle, now));
        return next.map(due -> Duration.between(now(), due).plusMillis(1)).filter(rest ->
                rest.compareTo(LONGEST_REST) < 0).map(rest -> rest.isNegative() ? Duration.ZERO : rest)
                .orElse(LONGEST_REST);
    }

    private void count(Map<DeliveryStore.Share, Long> counts) {
        waiting = counts.values().stream().mapToLong(Long::longValue).sum();
        notices.full(counts.entrySet().stream().filter(it -> it.getValue() >= Limits.DELIVERIES_WAITING)
                .map(Map.Entry::getKey).collect(Collectors.toSet()));
    }

    private List<Delivery> claim(String target, int most, Instant now) {
        return database.transaction(OrganizationPath.ROOT,
                handle -> store.claim(handle, target, most, now, now.plus(Limits.DELIVERY_LEASE)));
    }

    /// @param share whose part of the room it takes
    private void start(Lane lane, String share, Delivery first) {
        room.take(share);
        lane.begin();
        workers.execute(() -> {
            try {
                for (var next = Optional.of(first); next.isPresent(); ) {
                    next = deliver(lane, share, next.get());
                }
            } catch (PlatformException | JdbiException e) {
                // It is tried again when its lease has ended.
                LOG.warn("event=delivery_not_recorded target={} cause=\"{}\"", first.target() instanceof
                        Target.OfChannel channel ? channel.text() : "url", Texts.line(String.valueOf(e.getMessage())));
            } finally {
                lane.end();
                room.give(share);
                worker.wake();
            }
        });
    }

    /// @return what to go on with: another one for the same receiver, unless others wait for room
    private Optional<Delivery> deliver(Lane lane, String share, Delivery delivery) {
        var began = now();
        var channel = delivery.target() instanceof Target.OfChannel(var id)
                ? channels.find(OrganizationPath.ROOT, id) : Optional.<Channel>empty();
        var outcome = attempt(delivery, channel);
        var ended = now();
        lane.note(outcome, began, ended);
        if (worker.isClosing() && outcome instanceof Outcome.Failed) {
            release(delivery);
            return Optional.empty();
        }
        var kind = channel.map(Channel::kind).orElse(delivery.target() instanceof Target.OfUrl ? "webhook" : null);
        var goesOn = !worker.isClosing() && room.free() > 0 && room.left(share) >= 0 && lane.goesOn(ended);
        return record(delivery, kind, outcome, began, ended, goesOn);
    }

    private Outcome attempt(Delivery delivery, Optional<Channel> channel) {
        try {
            return switch (delivery.target()) {
                case Target.OfUrl(var url) -> senders.send(Senders.plain(url), delivery.organization(), delivery);
                case Target.OfChannel _ when channel.isEmpty() -> new Outcome.Refused("the channel was deleted");
                case Target.OfChannel _ when !channel.get().organization().contains(delivery.organization()) ->
                        new Outcome.Refused("the channel does not serve the device's organization");
                case Target.OfChannel _ -> senders.send(channels.settings(channel.get()),
                        channel.get().organization(), delivery);
            };
        } catch (PlatformException e) {
            return new Outcome.Refused("the channel's settings are not accepted any more: " + e.getMessage());
        } catch (RuntimeException e) {
            if (!worker.isClosing()) LOG.error("event=delivery_failed delivery={}", delivery.id(), e);
            return new Outcome.Failed("the platform failed; its log says why");
        }
    }

    private Optional<Delivery> record(Delivery delivery, String kind, Outcome outcome, Instant began, Instant now,
            boolean goesOn) {
        var pause = switch (outcome) {
            case Outcome.Failed(_, _, var asked) ->
                    Retry.pause(delivery.attempts(), Duration.between(delivery.plannedAt(), now), asked,
                            ThreadLocalRandom.current().nextDouble());
            case Outcome.Delivered _, Outcome.Refused _ -> Optional.<Duration>empty();
        };
        var state = outcome instanceof Outcome.Delivered ? "delivered" : pause.isPresent() ? "waiting" : "failed";
        var next = database.transaction(OrganizationPath.ROOT, handle -> {
            store.record(handle, delivery, kind, state, now.plus(pause.orElse(Duration.ZERO)),
                    attempt(outcome, began, now), outcome.detail(), now);
            return goesOn ? store.claim(handle, delivery.target().text(), 1, now, now.plus(Limits.DELIVERY_LEASE))
                    : List.<Delivery>of();
        });
        (outcome instanceof Outcome.Delivered ? delivered : pause.isPresent() ? retries : failed).increment();
        if (state.equals("failed")) {
            LOG.info("event=delivery_given_up delivery={} attempts={} status={}", delivery.id(), delivery.attempts(),
                    outcome.status());
        }
        return next.stream().findFirst();
    }

    private static ObjectNode attempt(Outcome outcome, Instant began, Instant ended) {
        return Json.mapper().createObjectNode().put("at", began.toString()).put("outcome", outcome.word())
                .put("status", outcome.status() == 0 ? null : outcome.status()).put("detail", outcome.detail())
                .put("took_ms", Duration.between(began, ended).toMillis());
    }

    private void release(Delivery delivery) {
        database.transaction(OrganizationPath.ROOT, handle -> {
            store.release(handle, delivery, now());
            return null;
        });
    }

    /// What a test-send came to.
    record Tested(Outcome outcome, Duration took) {}

    /// Sends a test over a channel, now and once, and says what happened.
    ///
    /// @throws PlatformException `OVERLOADED`
    Tested test(Actor by, Channel channel) {
        if (!tests.tryAcquire()) {
            throw PlatformException.retryLater(ErrorCode.OVERLOADED, "Too many channels are being tested.",
                    Limits.DELIVERY_CONNECT_TIME);
        }
        try {
            var began = now();
            var content = Json.mapper().createObjectNode().put("test", true).put("channel_name", channel.name())
                    .put("message", "Channel " + channel.name() + " works, says " + by.name() + ".");
            var history = Json.mapper().createArrayNode();
            var test = new Delivery(0, channel.organization(), UUID.randomUUID(), Optional.empty(), "test", 0,
                    new Target.OfChannel(channel.id()), Optional.of(channel.kind()), "waiting", "", began, began, 1,
                    history, "", 0, content, began, Optional.empty());
            var outcome = attempt(test, Optional.of(channel));
            var ended = now();
            history.add(attempt(outcome, began, ended));
            database.transaction(channel.organization(), handle -> {
                store.insertTest(handle, test, outcome, channel.kind(), ended);
                return null;
            });
            channels.recordTest(by, channel, outcome);
            return new Tested(outcome, Duration.between(began, ended));
        } finally {
            tests.release();
        }
    }

    Page<Delivery> list(OrganizationPath scope, DeliveryStore.Filter filter, Page.Wish wish) {
        return database.transaction(scope, handle -> Page.of(store.list(handle, filter, wish), wish, Delivery::id));
    }

    /// What was told in the application, and how much of it the reader has not seen.
    record Inbox(Page<Delivery> page, long readUpTo, long unread) {}

    Inbox inbox(OrganizationPath scope, String reader, Page.Wish wish) {
        return database.transaction(scope, handle -> {
            var upTo = store.readUpTo(handle, reader);
            return new Inbox(Page.of(store.inApp(handle, wish), wish, Delivery::id), upTo,
                    store.unread(handle, upTo));
        });
    }

    void markRead(OrganizationPath scope, String reader, long upTo) {
        database.transaction(scope, handle -> {
            store.markRead(handle, reader, scope, upTo, now());
            return null;
        });
    }

    /// Since the start: told, given up, tried again.
    public long delivered() {
        return delivered.sum();
    }

    public long failed() {
        return failed.sum();
    }

    public long retries() {
        return retries.sum();
    }

    /// As of the last look, ten seconds ago at the most.
    public long waiting() {
        return waiting;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /// Lets what is under way come to its end for a moment; the rest is given back.
    @Override
    public void close() {
        worker.close(LAST_MOMENTS);
        try {
            workers.shutdown();
            if (!workers.awaitTermination(LAST_MOMENTS.toMillis(), TimeUnit.MILLISECONDS)) {
                http.close();
                workers.shutdownNow();
                workers.awaitTermination(LAST_MOMENTS.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            workers.shutdownNow();
            http.close();
            scheduler.shutdownNow();
        }
    }
}
