package io.iotflow.server.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.ledger.Entry;
import io.iotflow.ledger.LedgerLimits;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.jdbi.v3.core.Handle;

/// Records what was done. `docs/reference/audit.md` lists the actions; whoever adds one adds a row there.
///
/// Any thread may call; the entry is in the log as soon as its transaction has been committed, and in the signed tree a
/// moment later.
public final class Audit {
    /// No fields: there was nothing before, or there is nothing any more, or nothing to say.
    public static final JsonNode NOTHING = JsonNodeFactory.instance.objectNode();

    static final String CHANNEL = "audit";

    private final Database database;
    private final InstantSource clock;

    /// What something was done to.
    ///
    /// @param type         a word, such as `device`
    /// @param id           its number, or whatever else names it for ever
    /// @param name         its name at this time; may be empty
    /// @param organization whose affair it is: who may see that organization sees the entry
    public record Target(String type, String id, String name, OrganizationPath organization) {
        public Target {
            Objects.requireNonNull(organization, "organization");
        }
    }

    /// What [#record] is told.
    public record Act(Actor by, String action, Target on, JsonNode before, JsonNode after) {}

    public Audit(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /// Records an act in the transaction that does it: neither is kept without the other. The transaction's scope MUST
    /// contain the target's organization.
    ///
    /// The documents are objects in the API's words. Fields that are the same in both are left out, so are values under
    /// names that speak of a secret, and of long values only length and hash are kept; see [ChangedFields].
    ///
    /// @param action past participle after what it is about: `device.registered`
    /// @param before what was there before
    /// @param after  what is there now
    public void record(Handle handle, Actor by, String action, Target on, JsonNode before, JsonNode after) {
        record(handle, List.of(new Act(by, action, on, before, after)));
    }

    /// The same of several acts, in their order.
    public void record(Handle handle, List<Act> acts) {
        if (acts.isEmpty()) return;
        AuditStore.insert(handle, acts.stream().map(act -> act.on.organization.text()).toArray(String[]::new),
                acts.stream().map(this::body).toArray(String[]::new));
    }

    private String body(Act act) {
        var changed = ChangedFields.between(act.before, act.after);
        var on = act.on;
        var by = act.by;
        var entry = new Entry(clock.instant(), on.organization().id(), actor(by), act.action,
                new Entry.Target(on.type(), cleaned(on.id(), LedgerLimits.ENTRY_ID_CHARACTERS),
                        cleaned(on.name(), LedgerLimits.ENTRY_NAME_CHARACTERS)),
                new Entry.Source(cleaned(by.address(), LedgerLimits.ENTRY_ID_CHARACTERS),
                        by.protocol().isEmpty() ? "internal" : by.protocol()), changed.before(), changed.after());
        return new String(entry.toCanonicalJson(), StandardCharsets.UTF_8);
    }

    /// Records an act that is no transaction of the database, in one of its own: once before it is begun, at the least,
    /// so that it cannot be done without a trace.
    public void record(Actor by, String action, Target on, JsonNode before, JsonNode after) {
        database.transaction(by.organization(), handle -> {
            record(handle, by, action, on, before, after);
            return null;
        });
    }

    private static Entry.Actor actor(Actor by) {
        var type = switch (by.kind()) {
            case USER -> Entry.ActorType.USER;
            case TOKEN -> Entry.ActorType.TOKEN;
            case DEVICE -> Entry.ActorType.DEVICE;
            case ANYBODY -> Entry.ActorType.ANYBODY;
            case PLATFORM -> Entry.ActorType.PLATFORM;
        };
        return new Entry.Actor(type, by.id().isEmpty() ? by.kind().word()
                : cleaned(by.id(), LedgerLimits.ENTRY_ID_CHARACTERS),
                cleaned(by.name(), LedgerLimits.ENTRY_NAME_CHARACTERS));
    }

    private static String cleaned(String text, int limit) {
        var whole = ChangedFields.cleaned(text);
        if (whole.length() <= limit) return whole;
        // Not between the halves of a character.
        return whole.substring(0, Character.isHighSurrogate(whole.charAt(limit - 1)) ? limit - 1 : limit);
    }
}
