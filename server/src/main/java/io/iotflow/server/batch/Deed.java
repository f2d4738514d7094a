package io.iotflow.server.batch;

import com.fasterxml.jackson.databind.JsonNode;
import io.iotflow.server.batch.Batch.Line;
import io.iotflow.server.batch.Batch.Outcome;
import io.iotflow.server.command.Commands;
import io.iotflow.server.configuration.Configurations;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceEdits;
import io.iotflow.server.device.DeviceGroup;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.Draft;
import io.iotflow.server.firmware.Firmware;
import io.iotflow.server.firmware.Image;
import io.iotflow.server.firmware.Images;
import io.iotflow.server.firmware.OfferTerms;
import io.iotflow.server.firmware.Updates;
import io.iotflow.server.group.Groups;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/// Does an operation to some devices, through the doors that people use.
public final class Deed {
    private final DeviceRegistry devices;
    private final Configurations configurations;
    private final Commands commands;
    private final Groups groups;
    private final Images images;
    private final Updates updates;

    public Deed(DeviceRegistry devices, Configurations configurations, Commands commands, Groups groups,
            Firmware firmware) {
        this.devices = devices;
        this.configurations = configurations;
        this.commands = commands;
        this.groups = groups;
        this.images = firmware.images();
        this.updates = firmware.updates();
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

    /// @throws PlatformException what no device could be done to
    void check(OrganizationPath scope, Operation operation) {
        switch (operation) {
            case Operation.Regroup it -> lists(scope, it);
            case Operation.Offer(var terms) -> image(scope, terms);
            case Operation.Edit _, Operation.Configure _, Operation.Send _ -> { }
        }
    }

    /// What would become of devices.
    List<Line> preview(OrganizationPath scope, Operation operation, List<Device> those) {
        var would = would(scope, operation, those);
        return IntStream.range(0, those.size()).mapToObj(place -> {
            var device = those.get(place);
            var line = new Line(place, device.id(), device.name(), Outcome.WAITING, "");
            try {
                return line.ended(would.of(device), "");
            } catch (PlatformException e) {
                return line.ended(Outcome.FAILED, String.valueOf(e.getMessage()));
            }
        }).toList();
    }

    private interface Would {
        Outcome of(Device device);
    }

    private Would would(OrganizationPath scope, Operation operation, List<Device> those) {
        return switch (operation) {
            case Operation.Edit(var change) -> device ->
                    changed(DeviceEdits.wouldBecome(device, change).isPresent());
            case Operation.Send _ -> device -> {
                Commands.requireWilling(device);
                return Outcome.DONE;
            };
            case Operation.Configure _ -> _ -> Outcome.DONE;
            case Operation.Regroup it -> {
                var lists = lists(scope, it);
                yield device -> {
                    lists.requireFits(device);
                    return changed(lists.add.filter(list -> !groups.isListed(device.id(), list)).isPresent()
                            || lists.remove.filter(list -> groups.isListed(device.id(), list)).isPresent());
                };
            }
            case Operation.Offer(var terms) -> {
                var image = image(scope, terms);
                var open = updates.open(those.stream().map(Device::id).toList());
                yield device -> changed(isNews(device, image, open));
            }
        };
    }

    private static Outcome changed(boolean isChanged) {
        return isChanged ? Outcome.DONE : Outcome.UNCHANGED;
    }

    /// The lists that devices come onto and go from.
    private record Lists(Optional<DeviceGroup> add, Optional<DeviceGroup> remove) {
        void requireFits(Device device) {
            add.ifPresent(list -> Groups.requireFits(list, device, "device"));
        }
    }

    private Lists lists(OrganizationPath scope, Operation.Regroup wish) {
        return new Lists(wish.add().map(name -> groups.requireList(scope, name)),
                wish.remove().map(name -> groups.requireList(scope, name)));
    }

    private Image image(OrganizationPath scope, OfferTerms terms) {
        var image = images.require(scope, terms.image());
        updates.requireOffered(image);
        return image;
    }

    /// @param open the image that each device is being offered
    /// @return false for a device that runs it, or is being offered it
    /// @throws PlatformException for one that cannot be offered it
    private static boolean isNews(Device device, Image image, Map<DeviceId, Long> open) {
        if (image.version().equals(device.firmwareVersion()) && image.fits(device)
                || Objects.equals(open.get(device.id()), image.id())) return false;
        Updates.requireFit(device, image);
        if (open.containsKey(device.id())) throw Updates.busy();
        return true;
    }

    Work begin(Batch batch, List<Line> lines) {
        return switch (Operation.of(batch.operation(), batch.params(), batch.createdAt())) {
            case Operation.Edit(var change) -> new Edits(batch, lines, change);
            case Operation.Send(var order) -> new Sends(batch, lines, order);
            case Operation.Configure(var key, var value) -> handle -> configured(handle, batch, lines, key, value);
            case Operation.Regroup wish -> new Moves(batch, lines, lists(batch.organization(), wish));
            case Operation.Offer(var terms) -> new Offers(batch, lines, image(batch.organization(), terms), terms);
        };
    }

    private List<Line> configured(Handle handle, Batch batch, List<Line> lines, String key, JsonNode value) {
        var ensured = configurations.ensure(handle, batch.by(), lines.stream().map(Line::device).toList(), key, value);
        return lines.stream().map(line -> of(batch, line, () -> {
            var it = ensured.get(line.device());
            if (it.refusal().isPresent()) throw it.refusal().get();
            return line.ended(changed(it.isNew()), "");
        })).toList();
    }

    private static Device living(Optional<Device> found, Line line) {
        return found.filter(it -> it.status() != DeviceStatus.DECOMMISSIONED)
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
            edits = devices.edits().prepare(lines.stream().map(Line::device).toList());
        }

        @Override
        public List<Line> done(Handle handle) {
            var outcomes = new ArrayList<Line>();
            // Also of an atomic batch only so many are in memory together.
            for (var from = 0; from < lines.size(); from += BatchWorker.DEVICES_AT_ONCE) {
                var to = Math.min(lines.size(), from + BatchWorker.DEVICES_AT_ONCE);
                outcomes.addAll(done(handle, lines.subList(from, to)));
            }
            return outcomes;
        }

        private List<Line> done(Handle handle, List<Line> some) {
            var locked = edits.lock(handle, some.stream().map(Line::device).toList());
            var outcomes = some.stream().map(line -> of(batch, line, () -> {
                var device = Optional.ofNullable(locked.get(line.device()))
                        .orElseThrow(() -> PlatformException.notFound("device " + line.device()));
                return line.ended(changed(edits.edit(batch.by(), device, change)), "");
            })).toList();
            edits.write(handle);
            return outcomes;
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
                    var device = living(devices.find(line.device()), line);
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

    private final class Moves implements Work {
        private final Batch batch;
        private final List<Line> lines;
        private final Lists lists;
        private List<Groups.Move> moves = List.of();

        private Moves(Batch batch, List<Line> lines, Lists lists) {
            this.batch = batch;
            this.lines = lines;
            this.lists = lists;
        }

        @Override
        public List<Line> done(Handle handle) {
            var fit = new LinkedHashMap<DeviceId, Device>();
            var judged = lines.stream().map(line -> of(batch, line, () -> {
                var device = living(devices.find(handle, line.device()), line);
                lists.requireFits(device);
                fit.put(device.id(), device);
                return line;
            })).toList();
            moves = Stream.concat(
                    lists.add.map(list -> groups.move(handle, batch.by(), list.id(), fit.values(), List.of())).stream(),
                    lists.remove.map(list -> groups.move(handle, batch.by(), list.id(), List.of(), fit.keySet()))
                            .stream()).toList();
            var moved = new HashSet<DeviceId>();
            for (var move : moves) {
                move.added().forEach(device -> moved.add(device.id()));
                moved.addAll(move.removed());
            }
            return judged.stream().map(line -> line.outcome() == Outcome.FAILED ? line
                    : line.ended(changed(moved.contains(line.device())), "")).toList();
        }

        @Override
        public void committed() {
            moves.forEach(groups::committed);
        }
    }

    private final class Offers implements Work {
        private final Batch batch;
        private final List<Line> lines;
        private final Image image;
        private final OfferTerms terms;

        private Offers(Batch batch, List<Line> lines, Image image, OfferTerms terms) {
            this.batch = batch;
            this.lines = lines;
            this.image = image;
            this.terms = terms;
        }

        @Override
        public List<Line> done(Handle handle) {
            var open = updates.open(handle, lines.stream().map(Line::device).toList());
            var willing = new LinkedHashMap<DeviceId, Device>();
            var judged = lines.stream().map(line -> of(batch, line, () -> {
                var device = living(devices.find(handle, line.device()), line);
                if (!isNews(device, image, open)) return line.ended(Outcome.UNCHANGED, "");
                willing.put(device.id(), device);
                return line;
            })).toList();
            var made = updates.offer(handle, batch.by(), willing.values(), image, terms);
            return judged.stream().map(line -> of(batch, line, () -> {
                if (!willing.containsKey(line.device())) return line;
                if (!made.containsKey(line.device())) throw Updates.busy();
                return line.ended(Outcome.DONE, "offered as update " + made.get(line.device()));
            })).toList();
        }
    }
}
