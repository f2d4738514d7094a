package io.iotflow.server.notification;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides what an alert's beginning, acknowledgement or end leads to, and writes that into the outbox in the caller's
/// transaction: it is told if and only if that commits. [Outbox] sends it, milliseconds later.
public final class Notices {
    private static final Logger LOG = LoggerFactory.getLogger(Notices.class);
    static final String WAKE = "outbox";

    private final Database database;
    private final InstantSource clock;
    private final ChannelStore channels = new ChannelStore();
    private final DeliveryStore store = new DeliveryStore();
    private volatile Set<DeliveryStore.Share> full = Set.of();

    public Notices(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /// Tells whoever the notice's policy names. Whoever has not heard of the beginning hears nothing of the end; an
    /// acknowledgement is told to programs only.
    ///
    /// The transaction's scope MUST contain the notice's organization.
    public void tell(Handle handle, Notice notice) {
        var now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var policy = policy(notice);
        if (policy == null || policy.tellsNobody()) return;
        switch (notice.kind()) {
            case BEGUN -> begun(handle, notice, policy, now);
            case ACKNOWLEDGED -> {
                store.cancelEscalation(handle, notice.alert(), "acknowledged", now);
                sequel(handle, notice, policy, true, now);
            }
            case RESOLVED -> {
                store.cancelEscalation(handle, notice.alert(), "resolved", now);
                if (policy.hasQuietHours()) store.dropHeld(handle, notice.alert(), now);
                if (policy.isThrottled()) store.suppressHeld(handle, notice, now);
                sequel(handle, notice, policy, false, now);
            }
        }
        database.notifications().publish(handle, WAKE, "");
    }

    private void begun(Handle handle, Notice notice, Policy policy, Instant now) {
        var last = policy.isThrottled() ? store.lastTold(handle, notice) : Optional.<Instant>empty();
        var content = Texts.document(notice);
        for (var planned : policy.begun(now, notice.severity(), last)) {
            insert(handle, notice, planned, content, now);
        }
    }

    private void insert(Handle handle, Notice notice, Policy.Planned planned, ObjectNode content, Instant now) {
        var isTooMuch = full.contains(DeliveryStore.Share.of(notice.organization(), planned));
        store.insert(handle, notice, planned, content, isTooMuch, now);
    }

    private void sequel(Handle handle, Notice notice, Policy policy, boolean programsOnly, Instant now) {
        var content = Texts.document(notice);
        for (var target : store.told(handle, notice.alert(), programsOnly)) {
            insert(handle, notice, policy.sequel(target, now, notice.severity()), content, now);
        }
    }

    /// Null for one that this version does not understand: an alert is worth more than its notice.
    private static Policy policy(Notice notice) {
        try {
            return Policy.of(notice.policy());
        } catch (PlatformException e) {
            LOG.error("event=policy_not_understood rule={} version={} cause=\"{}\"", notice.rule(),
                    notice.ruleVersion(), e.getMessage());
            return null;
        }
    }

    /// Refuses a policy that names channels which do not serve the rule's organization.
    ///
    /// @throws PlatformException `INVALID`, naming the field
    public void check(Handle handle, OrganizationPath organization, Policy policy) {
        for (var named : policy.channels()) {
            if (!channels.serves(handle, named.channel(), organization)) {
                throw PlatformException.invalid(named.field(), "names channel " + named.channel()
                        + ", which is not there or does not serve the rule's organization");
            }
        }
    }

    /// Of these shares so many wait that no more are taken.
    void full(Set<DeliveryStore.Share> full) {
        for (var share : full) {
            if (!this.full.contains(share)) {
                LOG.warn("event=outbox_full organization={} part=\"{}\"", share.top().isEmpty()
                        ? OrganizationPath.ROOT.id() : share.top(), share.part());
            }
        }
        this.full = Set.copyOf(full);
    }
}
