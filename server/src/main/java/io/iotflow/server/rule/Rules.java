package io.iotflow.server.rule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.alert.Alerts;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.Reload;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.device.DeviceGroup;
import io.iotflow.server.geo.Geofence;
import io.iotflow.server.geo.Geofences;
import io.iotflow.server.http.Page;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The alert rules, and the only door for changing one. What is kept is what can be run: a document that does not
/// compile is refused. Every node has all of them compiled in its memory and takes up a change within milliseconds.
public final class Rules {
    private static final Logger LOG = LoggerFactory.getLogger(Rules.class);
    private static final String CHANNEL = "rule";

    private final Database database;
    private final Alerts alerts;
    private final PolicyCheck policies;
    private final Geofences geofences;
    private final Audit audit;
    private final InstantSource clock;
    private final RuleStore store = new RuleStore();
    private final Reload reload;
    private volatile RuleBook book = RuleBook.EMPTY;

    /// Refuses a rule that tells nobody it could tell.
    @FunctionalInterface
    public interface PolicyCheck {
        /// @param document the whole rule
        /// @throws PlatformException `INVALID`, naming the field
        void check(Handle handle, OrganizationPath organization, ObjectNode document);
    }

    public Rules(Database database, Alerts alerts, PolicyCheck policies, Geofences geofences, Audit audit,
            InstantSource clock) {
        this.database = database;
        this.alerts = alerts;
        this.geofences = geofences;
        this.policies = policies;
        this.audit = audit;
        this.clock = clock;
        reload = new Reload(database, CHANNEL, this::load);
        geofences.usedBy(this::naming);
        geofences.onChange(reload::now);
        load();
    }

    /// What is in force now.
    RuleBook book() {
        return book;
    }

    /// How often the version in force could not be evaluated, on this node since it took it up.
    long faults(Rule rule) {
        return book.find(rule.id()).filter(it -> it.rule().version() == rule.version())
                .map(it -> it.faults().sum()).orElse(0L);
    }

    /// Whoever loads last has seen the latest.
    private synchronized void load() {
        var known = book.programs().stream().collect(Collectors.toMap(it -> it.rule().id(), Function.identity()));
        var places = geofences.known();
        var rules = database.transaction(OrganizationPath.ROOT, store::all);
        var now = new RuleBook(rules.stream().filter(rule -> rule.mode() != Rule.Mode.OFF)
                .flatMap(rule -> program(rule, known, places).stream()).toList());
        if (!now.isSame(book)) book = now;
    }

    private static Optional<RuleProgram> program(Rule rule, Map<Long, RuleProgram> known, Geofences.Known places) {
        var before = known.get(rule.id());
        if (before != null && before.rule().version() == rule.version() && before.isUpToDate(places)) {
            return Optional.of(before);
        }
        try {
            return Optional.of(RuleReader.program(rule, places));
        } catch (PlatformException e) {
            LOG.error("event=rule_unreadable effect=\"it is not in force\" rule={} cause=\"{}\"", rule.id(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    /// The rules that mean the geofence, also such as are off: they could not be switched on without it.
    private List<String> naming(Handle handle, Geofence geofence) {
        var known = book.programs().stream().collect(Collectors.toMap(it -> it.rule().id(), Function.identity()));
        var places = geofences.known(handle);
        return store.all(handle).stream().filter(rule -> geofence.organization().contains(rule.organization()))
                .filter(rule -> program(rule, known, places).stream().anyMatch(it ->
                        it.places().geofences().values().stream().anyMatch(geofence::isAs)))
                .map(Rule::name).toList();
    }

    Page<Rule> list(OrganizationPath scope, Page.Wish wish) {
        return database.transaction(scope, handle -> Page.of(store.list(handle, wish), wish, Rule::id));
    }

    Rule require(OrganizationPath scope, long id) {
        return database.transaction(scope, handle -> store.find(handle, id)).orElseThrow(Rules::notFound);
    }

    List<RuleStore.Version> versions(OrganizationPath scope, long id) {
        return database.transaction(scope, handle -> {
            store.find(handle, id).orElseThrow(Rules::notFound);
            return store.versions(handle, id);
        });
    }

    private static PlatformException notFound() {
        return PlatformException.notFound("such rule");
    }

    /// Refuses what [#create] would refuse of the document itself.
    void check(OrganizationPath scope, OrganizationPath organization, ObjectNode document) {
        database.transaction(scope, handle -> {
            checked(handle, 0, organization, document);
            policies.check(handle, organization, document);
            return null;
        });
    }

    Rule create(Actor by, OrganizationPath organization, ObjectNode document) {
        return named(() -> database.transactionInTurn(by.organization(), organization.id(),
                handle -> insert(handle, by, organization, document)));
    }

    /// Creates a rule in somebody else's transaction, who has the organization's turn. Call [#taken] when that has
    /// ended well.
    ///
    /// @throws PlatformException as for a rule of its own, but a name that is taken fails as a duplicate
    public void create(Handle handle, Actor by, OrganizationPath organization, ObjectNode document) {
        insert(handle, by, organization, document);
    }

    /// Takes up what was created so.
    public void taken() {
        reload.now();
    }

    /// A rule as others name it.
    public record Named(long id, String name) {}

    /// The rules of an organization and those below whose scope names a type of devices.
    ///
    /// @param atMost the first of them
    public List<Named> ofType(OrganizationPath scope, String type, int atMost) {
        return database.transaction(scope, handle -> store.ofType(handle, type, atMost)).stream()
                .map(rule -> new Named(rule.id(), rule.name())).toList();
    }

    /// The rules of all organizations whose scope names a group, by its id or its name.
    public List<Audit.Target> ofGroup(DeviceGroup group) {
        return database.transaction(OrganizationPath.ROOT, handle -> store.ofGroup(handle, group)).stream()
                .map(Rule::target).toList();
    }

    private Rule insert(Handle handle, Actor by, OrganizationPath organization, ObjectNode document) {
        var heading = checked(handle, 0, organization, document);
        if (store.count(handle, organization) >= Limits.RULES) {
            throw new PlatformException(ErrorCode.CONFLICT, "The organization has " + Limits.RULES
                    + " rules; delete one that is not needed any more.");
        }
        policies.check(handle, organization, document);
        var made = store.insert(handle, organization, heading, document, by.toString(), now());
        audit.record(handle, by, "rule.created", made.target(), Audit.NOTHING, made.document());
        database.notifications().publish(handle, CHANNEL, Long.toString(made.id()));
        return made;
    }

    /// @param expectedVersion refuse unless the rule still has it
    Rule update(Actor by, long id, OptionalLong expectedVersion, ObjectNode document) {
        return named(() -> database.transaction(by.organization(), handle -> {
            var before = store.lock(handle, id).orElseThrow(Rules::notFound);
            if (expectedVersion.isPresent() && expectedVersion.getAsLong() != before.version()) {
                throw new PlatformException(ErrorCode.PRECONDITION_FAILED, "The rule has version " + before.version()
                        + " by now.");
            }
            var heading = checked(handle, id, before.organization(), document);
            policies.check(handle, before.organization(), document);
            var after = store.update(handle, id, heading, document, by.toString(), now());
            if (after.mode() != before.mode()) {
                alerts.ruleEnded(handle, by, id, "the rule's mode is " + after.mode().word() + " now");
            }
            audit.record(handle, by, "rule.changed", after.target(), before.document(), after.document());
            database.notifications().publish(handle, CHANNEL, Long.toString(id));
            return after;
        }));
    }

    /// Its alerts are resolved and stay.
    void delete(Actor by, long id) {
        database.transaction(by.organization(), handle -> {
            var gone = store.lock(handle, id).orElseThrow(Rules::notFound);
            store.delete(handle, id);
            alerts.ruleEnded(handle, by, id, "the rule was deleted");
            audit.record(handle, by, "rule.deleted", gone.target(), gone.document(), Audit.NOTHING);
            database.notifications().publish(handle, CHANNEL, Long.toString(id));
            return null;
        });
        reload.now();
    }

    private Rule named(Supplier<Rule> change) {
        Rule changed;
        try {
            changed = change.get();
        } catch (RuntimeException e) {
            if (!Database.isDuplicate(e)) throw e;
            throw new PlatformException(ErrorCode.NAME_TAKEN, "Another rule of the organization has this name.");
        }
        reload.now();
        return changed;
    }

    private RuleReader.Heading checked(Handle handle, long id, OrganizationPath organization, ObjectNode document) {
        if (document.toString().getBytes(StandardCharsets.UTF_8).length > Limits.RULE_BYTES) {
            throw new PlatformException(ErrorCode.TOO_LARGE, "A rule may have " + Limits.RULE_BYTES
                    + " bytes at most.");
        }
        if (!StorableText.accepts(document)) {
            throw PlatformException.malformed("The rule " + StorableText.NO_JSON + ".");
        }
        var heading = RuleReader.heading(document);
        trial(geofences.known(handle), id, organization, heading, document);
        return heading;
    }

    /// A rule that is not kept, to see what it would do.
    RuleProgram trial(long id, OrganizationPath organization, RuleReader.Heading heading, ObjectNode document) {
        return trial(geofences.known(), id, organization, heading, document);
    }

    private RuleProgram trial(Geofences.Known known, long id, OrganizationPath organization,
            RuleReader.Heading heading, ObjectNode document) {
        var now = now();
        return RuleReader.program(new Rule(id, organization, heading.name(), heading.mode(), 1, document, now, now),
                known);
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
