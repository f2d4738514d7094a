package io.iotflow.server.device;

import io.iotflow.server.core.CommandLimits;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Fields;
import io.iotflow.server.language.Expression;
import io.iotflow.server.language.ExpressionException;
import io.iotflow.server.language.Vocabulary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads from a body which devices something is done to: `devices`, a list of ids and names, or `filter`, an expression
/// over a device and its metadata.
public final class DeviceTargets {
    private final DeviceRegistry registry;

    public DeviceTargets(DeviceRegistry registry) {
        this.registry = registry;
    }

    /// In the order of their ids, each once; living ones only.
    ///
    /// @throws PlatformException `INVALID` for what names none, too many, or what the caller may not see
    public List<Device> read(Caller caller, Fields fields) {
        var names = fields.texts("devices", CommandLimits.BATCH_DEVICES, Limits.DEVICE_NAME_CHARACTERS);
        var filter = fields.text("filter", Limits.EXPRESSION_CHARACTERS);
        if (names.isEmpty() == filter.isEmpty()) {
            throw fields.refusal("devices", "or filter must say which devices are meant, and not both");
        }
        var found = filter.map(text -> matching(caller.organization(), compiled(fields, text)))
                .orElseGet(() -> named(caller, fields, names));
        if (found.size() > CommandLimits.BATCH_DEVICES) {
            throw fields.refusal("filter", "lets more than " + CommandLimits.BATCH_DEVICES
                    + " devices through; narrow it, and do the rest after that");
        }
        return found;
    }

    private List<Device> named(Caller caller, Fields fields, List<String> names) {
        var found = new LinkedHashMap<Long, Device>();
        for (var i = 0; i < names.size(); i++) {
            var name = names.get(i);
            var device = registry.find(caller.organization(), name)
                    .filter(it -> it.status() != DeviceStatus.DECOMMISSIONED);
            if (device.isEmpty()) throw fields.refusal("devices[" + i + "]", "is no device here");
            found.put(device.get().id().value(), device.get());
        }
        return found.values().stream().sorted((one, other) -> Long.compare(one.id().value(), other.id().value()))
                .toList();
    }

    /// One more than may be, when there are more.
    private List<Device> matching(OrganizationPath scope, Expression filter) {
        var wanted = new DeviceScope(Set.of(), Set.of(), Optional.of(filter));
        var found = new ArrayList<Device>();
        var query = DeviceQuery.all().withPage(Limits.PAGE_MAX, "");
        while (found.size() <= CommandLimits.BATCH_DEVICES) {
            var page = registry.list(scope, query);
            for (var device : page.devices()) if (wanted.holds(DeviceFacts.of(device))) found.add(device);
            if (page.nextCursor().isEmpty()) break;
            query = query.withPage(Limits.PAGE_MAX, page.nextCursor().get());
        }
        return found.subList(0, Math.min(found.size(), CommandLimits.BATCH_DEVICES + 1));
    }

    private static Expression compiled(Fields fields, String text) {
        try {
            return Expression.compile(text, Vocabulary.device());
        } catch (ExpressionException e) {
            var errors = e.mistakes().stream().map(mistake -> mistake.in(fields.path("filter"))).toList();
            throw new PlatformException(ErrorCode.INVALID, "filter: " + errors.getFirst().detail(), errors);
        }
    }
}
