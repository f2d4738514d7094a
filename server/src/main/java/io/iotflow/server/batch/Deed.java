package io.iotflow.server.batch;

import io.iotflow.server.batch.Batch.Line;
import io.iotflow.server.batch.Batch.Outcome;
import io.iotflow.server.command.Commands;
import io.iotflow.server.configuration.Configurations;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceEdits;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Draft;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;

/// Does an operation to some devices, through the doors that people use.
public final class Deed {
    private final DeviceRegistry devices;
    private final Configurations configurations;
    private final Commands commands;

    public Deed(DeviceRegistry devices, Configurations configurations, Commands commands) {
        this.devices = devices;
        this.configurations = configurations;
        this.commands = commands;
    }

    /// One device has refused what was to be done to all or none.
    static final class Aborted extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Line line;

        private Aborted(Line line) {
            super(line.detail(), null, false, false);
            this.line = line;
        }

        Line line() {
            return line;
        }
    }

    /// One part of a batch.
    interface Work extends AutoCloseable {
        /// In the transaction that writes its outcomes.
        List<Line> done(Handle handle);

        default void committed() {}

        @Override
        default void close() {}
    }

    Work begin(Batch batch, List<Line> lines) {
        return switch (Operation.of(batch.operation(), batch.params(), batch.createdAt())) {
            case Operation.Edit(var change) -> new Edits(batch, lines, change);
            case Operation.Send(var order) -> new Sends(batch, lines, order);
            // Has transactions of its own; doing it again changes nothing.
            case Operation.Configure(var key, var value) -> {
                var outcomes = new ArrayList<Line>();
                for (var line : lines) {
                    outcomes.add(of(batch, line, () -> {
                        living(line);
                        var isNew = configurations.ensure(batch.by(), line.device(), key, value);
                        return line.ended(isNew ? Outcome.DONE : Outcome.UNCHANGED, "");
                    }));
                }
                yield _ -> outcomes;
            }
        };
    }

    private Device living(Line line) {
        return devices.find(line.device()).filter(it -> it.status() != DeviceStatus.DECOMMISSIONED)
                .orElseThrow(() -> PlatformException.notFound("device " + line.device()));
    }

    private interface Attempt {
        Line done();
    }

    private static Line of(Batch batch, Line line, Attempt attempt) {
        try {
            return attempt.done();
        } catch (PlatformException e) {
            if (e.code().status() >= 500) throw e;
            var failed = line.ended(Outcome.FAILED, String.valueOf(e.getMessage()));
            if (batch.isAtomic()) throw new Aborted(failed);
            return failed;
        }
    }

    private final class Edits implements Work {
        private final Batch batch;
        private final List<Line> lines;
        private final UnaryOperator<Draft> change;
        private final DeviceEdits edits;

        private Edits(Batch batch, List<Line> lines, UnaryOperator<Draft> change) {
            this.batch = batch;
            this.lines = lines;
            this.change = change;
            edits = devices.edits(batch.by()).prepare(lines.stream().map(Line::device).toList());
        }

        @Override
        public List<Line> done(Handle handle) {
            edits.undone(); // when the database does the transaction once more
            return lines.stream().map(line -> of(batch, line, () -> edits.edit(handle,
                    edits.lock(handle, line.device()), change) ? line.ended(Outcome.DONE, "")
                    : line.ended(Outcome.UNCHANGED, ""))).toList();
        }

        @Override
        public void committed() {
            edits.committed();
        }
    }

    private final class Sends implements Work {
        private final Batch batch;
        private final Commands.Order order;
        private final List<Line> outcomes = new ArrayList<>();
        private final Map<UUID, Device> willing = new LinkedHashMap<>();
        private Optional<Commands.Batch> queued = Optional.empty();

        private Sends(Batch batch, List<Line> lines, Commands.Order order) {
            this.batch = batch;
            this.order = order;
            for (var line : lines) {
                outcomes.add(of(batch, line, () -> {
                    var device = living(line);
                    Commands.requireWilling(device);
                    willing.put(idOf(line), device);
                    return line.ended(Outcome.DONE, "queued as " + idOf(line));
                }));
            }
        }

        /// The same for the same device of the same batch, so that nothing is sent twice.
        private UUID idOf(Line line) {
            return UUID.nameUUIDFromBytes(("batch " + batch.id() + " " + line.place())
                    .getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public List<Line> done(Handle handle) {
            var batched = commands.queueAll(handle, batch.by(), order, willing);
            queued = Optional.of(batched);
            return outcomes.stream().map(line -> of(batch, line, () -> {
                if (line.outcome() == Outcome.DONE && batched.isRefused(willing.get(idOf(line)))) {
                    throw new PlatformException(ErrorCode.CONFLICT, Commands.TOO_MANY);
                }
                return line;
            })).toList();
        }

        @Override
        public void committed() {
            queued.ifPresent(commands::told);
        }
    }
}
