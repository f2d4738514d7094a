package io.iotflow.server.command;

import io.iotflow.server.live.LiveFeed;
import java.util.Collection;
import java.util.List;

/// Tells whoever follows devices live what becomes of commands.
record Announcer(LiveFeed live) {
    void began(Collection<Command> commands) {
        commands.forEach(this::tell);
    }

    void changed(List<CommandRound.Change> changes) {
        for (var change : changes) {
            if (change.before().life().state() != change.after().life().state()) tell(change.after());
        }
    }

    private void tell(Command command) {
        live.commandChanged(command.device(), command.id().toString(), command.type(),
                command.life().state().word(), command.job());
    }
}
