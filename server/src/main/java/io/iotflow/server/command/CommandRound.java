package io.iotflow.server.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/// What happens to some commands in one transaction. They are locked when they are added; nothing is written before
/// [#write].
final class CommandRound {
    private final CommandStore store;
    private final Handle handle;
    private final Instant now;
    private final Map<UUID, Entry> entries = new LinkedHashMap<>();

    private static final class Entry {
        private final Command before;
        private Command after;
        private Optional<Instant> postponed = Optional.empty();
        private boolean isTouched;

        private Entry(Command command) {
            before = command;
            after = command;
        }
    }

    /// @param before the command as it was
    record Change(Command before, Command after) {
        boolean hasLeft() {
            return before.life().state().isOut() && !after.life().state().isOut();
        }
    }

    CommandRound(CommandStore store, Handle handle, Instant now) {
        this.store = store;
        this.handle = handle;
        this.now = now;
    }

    CommandRound add(Collection<Command> locked) {
        locked.forEach(command -> entries.putIfAbsent(command.id(), new Entry(command)));
        return this;
    }

    Optional<Command> find(UUID id) {
        return Optional.ofNullable(entries.get(id)).map(entry -> entry.after);
    }

    List<Command> all() {
        return entries.values().stream().map(entry -> entry.after).toList();
    }

    /// @return the command as it is then
    Command apply(UUID id, CommandEvent event, Instant at) {
        var entry = entries.get(id);
        entry.after = entry.after.with(entry.after.life().after(event, at));
        return entry.after;
    }

    /// Looks after it again when time has changed something next; also if nothing else changes now.
    void touch(UUID id) {
        entries.get(id).isTouched = true;
    }

    /// Looks after it again then.
    void postpone(UUID id, Instant until) {
        entries.get(id).postponed = Optional.of(until);
    }

    List<Change> write() {
        var rows = new ArrayList<CommandStore.Row>();
        var changes = new ArrayList<Change>();
        for (var entry : entries.values()) {
            var isChanged = entry.after.life() != entry.before.life();
            if (isChanged) changes.add(new Change(entry.before, entry.after));
            if (isChanged || entry.isTouched || entry.postponed.isPresent()) {
                var wakes = entry.after.life().wakesAt(now);
                rows.add(new CommandStore.Row(entry.after, wakes.isPresent() && entry.postponed.isPresent()
                        ? entry.postponed : wakes));
            }
        }
        store.update(handle, rows, now);
        return changes;
    }
}
