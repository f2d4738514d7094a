package io.iotflow.server.command;

import io.iotflow.server.core.DeviceId;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// How many commands of a job may be out at the same time, and who waits for that. For all threads.
final class JobSlots {
    private final Map<Long, LinkedHashSet<DeviceId>> waiting = new HashMap<>();

    /// The room that there is in one transaction.
    final class Free {
        private final Map<Long, Long> left;

        private Free(Map<Long, Long> left) {
            this.left = left;
        }

        boolean takes(Command command) {
            var job = command.job();
            if (job.isEmpty() || !left.containsKey(job.getAsLong())) return true;
            var room = left.get(job.getAsLong());
            if (room > 0) {
                left.put(job.getAsLong(), room - 1);
                return true;
            }
            waits(job.getAsLong(), command.device());
            return false;
        }
    }

    /// Locks the jobs of these commands that have a limit, so that nobody else counts meanwhile.
    Free free(Handle handle, List<Command> commands) {
        var jobs = commands.stream().filter(command -> command.job().isPresent())
                .map(command -> command.job().getAsLong()).distinct().toArray(Long[]::new);
        var left = new HashMap<Long, Long>();
        if (jobs.length == 0) return new Free(left);
        handle.createQuery("SELECT id FROM command_jobs WHERE id = ANY(:jobs) AND concurrency > 0"
                + " ORDER BY id FOR NO KEY UPDATE").bind("jobs", jobs).mapTo(Long.class).list();
        handle.createQuery("""
                SELECT id, concurrency - (SELECT count(*) FROM commands WHERE job_id = command_jobs.id
                    AND state IN ('sent', 'delivered', 'acknowledged')) AS room
                FROM command_jobs WHERE id = ANY(:jobs) AND concurrency > 0""").bind("jobs", jobs)
                .map((row, _) -> left.put(row.getLong("id"), row.getLong("room"))).list();
        return new Free(left);
    }

    private synchronized void waits(long job, DeviceId device) {
        waiting.computeIfAbsent(job, _ -> new LinkedHashSet<>()).add(device);
    }

    /// One command of the job is not out any more.
    ///
    /// @return who may be next
    synchronized Optional<DeviceId> left(long job) {
        var others = waiting.get(job);
        if (others == null) return Optional.empty();
        var next = others.removeFirst();
        if (others.isEmpty()) waiting.remove(job);
        return Optional.of(next);
    }

    /// Everybody who waits, once.
    synchronized List<DeviceId> all() {
        var all = waiting.values().stream().flatMap(LinkedHashSet::stream).toList();
        waiting.clear();
        return all;
    }
}
