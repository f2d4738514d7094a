package io.iotflow.server.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// One command for many devices: a command each, kept in one transaction, with what they have in common.
final class CommandJobs {
    private final Database database;
    private final Commands commands;
    private final Audit audit;
    private final InstantSource clock;

    /// @param concurrency commands that may be out at the same time; 0 for any number
    /// @param devices     how many there are
    record Job(long id, OrganizationPath organization, String type, ObjectNode content, String author, int concurrency,
               int devices, Instant createdAt, Optional<Instant> stoppedAt) {
        Audit.Target target() {
            return new Audit.Target("command_job", Long.toString(id), type, organization);
        }
    }

    /// Devices that get no command, and why.
    record Refused(Device device, String why) {}

    record Started(Job job, List<Refused> refused) {}

    /// What has become of the job's commands, by their states.
    record Progress(Job job, Map<String, Long> counts) {
        boolean isDone() {
            return counts.keySet().stream().allMatch(state -> CommandState.of(state).isEnded());
        }
    }

    CommandJobs(Database database, Commands commands, Audit audit, InstantSource clock) {
        this.database = database;
        this.commands = commands;
        this.audit = audit;
        this.clock = clock;
    }

    /// A command for each of these devices that may get one.
    ///
    /// @param content what was asked for
    /// @throws PlatformException `CONFLICT` when there is none
    Started start(Actor by, Wish wish, ObjectNode content, List<Device> devices, int concurrency) {
        var now = now();
        var begun = new ArrayList<Command>(devices.size());
        var refused = new ArrayList<Refused>();
        var job = database.transaction(by.organization(), handle -> {
            begun.clear();
            refused.clear();
            var willing = willing(handle, devices, refused);
            var made = insert(handle, by, wish.type(), content, concurrency, willing.size(), now);
            for (var device : willing) {
                begun.add(Commands.command(by, device, new Wish(UUID.randomUUID(), wish.type(), wish.parameters(),
                        wish.priority(), Optional.empty(), wish.terms()), OptionalLong.of(made.id()), now));
            }
            for (var from = 0; from < begun.size(); from += Limits.PAGE_MAX) {
                commands.store().insert(handle, begun.subList(from, Math.min(begun.size(), from + Limits.PAGE_MAX)));
            }
            audit.record(handle, by, "command_job.started", made.target(), Audit.NOTHING, Json.mapper()
                    .createObjectNode().put("command", wish.type()).put("devices", willing.size()));
            commands.worker().publish(handle, willing.stream().map(Device::id).toList());
            return made;
        });
        commands.announcer().began(begun);
        commands.worker().deviceHasMore(begun.stream().map(Command::device).toList());
        return new Started(job, refused);
    }

    private List<Device> willing(Handle handle, List<Device> devices, List<Refused> refused) {
        var crowded = commands.store().crowded(handle, devices.stream().map(Device::id).toList());
        var willing = new ArrayList<Device>(devices.size());
        for (var device : devices) {
            if (!Commands.isWilling(device)) refused.add(new Refused(device, "is " + device.status().word()));
            else if (crowded.contains(device.id())) refused.add(new Refused(device, Commands.TOO_MANY));
            else willing.add(device);
        }
        if (willing.isEmpty()) {
            throw new PlatformException(ErrorCode.CONFLICT, "None of the " + devices.size() + " devices is active or in"
                    + " maintenance and has room for a command. Choose others, or change their status.");
        }
        return willing;
    }

    /// Cancels what has not gone out; what is out goes on.
    Progress stop(Actor by, long id) {
        var now = now();
        var changes = new ArrayList<CommandRound.Change>();
        database.transaction(by.organization(), handle -> {
            var job = find(handle, id).orElseThrow(CommandJobs::absent);
            if (job.stoppedAt().isPresent()) return null;
            // The commands first, then the job: whoever sends locks in this order, too.
            var queued = handle.createQuery("""
                    SELECT * FROM commands WHERE job_id = :job AND state = 'queued' ORDER BY number
                    FOR NO KEY UPDATE""").bind("job", id).map((row, _) -> CommandStore.command(row)).list();
            handle.createUpdate("UPDATE command_jobs SET stopped_at = :now WHERE id = :id")
                    .bind("now", CommandStore.utc(now)).bind("id", id).execute();
            var round = new CommandRound(commands.store(), handle, now).add(queued);
            queued.forEach(command -> round.apply(command.id(),
                    new CommandEvent.Cancelled(by + ": the job was stopped", false), now));
            changes.addAll(round.write());
            audit.record(handle, by, "command_job.stopped", job.target(), Audit.NOTHING,
                    Json.mapper().createObjectNode().put("cancelled", queued.size()));
            return null;
        });
        commands.announcer().changed(changes);
        commands.worker().changed(changes);
        return progress(by.organization(), id);
    }

    Progress progress(OrganizationPath scope, long id) {
        return database.transaction(scope, handle -> progress(handle, find(handle, id)
                .orElseThrow(CommandJobs::absent)));
    }

    Page<Progress> list(OrganizationPath scope, long before, int limit) {
        return database.transaction(scope, handle -> {
            var jobs = handle.createQuery("SELECT * FROM command_jobs WHERE id < :before ORDER BY id DESC LIMIT :limit")
                    .bind("before", before).bind("limit", limit + 1).map((row, _) -> job(row)).list();
            var all = jobs.stream().map(job -> progress(handle, job)).toList();
            return Page.of(all, new Page.Wish(0, limit), it -> it.job().id());
        });
    }

    private static PlatformException absent() {
        return PlatformException.notFound("command job of that number");
    }

    private static Job insert(Handle handle, Actor by, String type, ObjectNode content, int concurrency, int devices,
            Instant now) {
        return handle.createQuery("""
                INSERT INTO command_jobs (organization, type, content, author, concurrency, devices, created_at)
                VALUES (:organization, :type, :content::jsonb, :author, :concurrency, :devices, :now) RETURNING *""")
                .bind("organization", by.organization().text()).bind("type", type)
                .bind("content", content.toString()).bind("author", by.toString()).bind("concurrency", concurrency)
                .bind("devices", devices).bind("now", CommandStore.utc(now)).map((row, _) -> job(row)).one();
    }

    private static Optional<Job> find(Handle handle, long id) {
        return handle.createQuery("SELECT * FROM command_jobs WHERE id = :id").bind("id", id)
                .map((row, _) -> job(row)).findOne();
    }

    private static Progress progress(Handle handle, Job job) {
        var counts = new TreeMap<String, Long>();
        handle.createQuery("SELECT state, count(*) AS count FROM commands WHERE job_id = :job GROUP BY state")
                .bind("job", job.id()).map((row, _) -> counts.put(row.getString("state"), row.getLong("count"))).list();
        return new Progress(job, counts);
    }

    private static Job job(ResultSet row) throws SQLException {
        return new Job(row.getLong("id"), new OrganizationPath(row.getString("organization")), row.getString("type"),
                (ObjectNode) CommandStore.json(row.getString("content")), row.getString("author"),
                row.getInt("concurrency"), row.getInt("devices"), CommandStore.time(row, "created_at").orElseThrow(),
                CommandStore.time(row, "stopped_at"));
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
