package io.iotflow.server.device;

import io.iotflow.server.core.CommandLimits;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Fields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;

/// Reads from a body which devices something is done to: `devices`, a list of ids and names, `group`, or `filter`, an
/// expression over a device, its metadata and tags.
public final class DeviceTargets {
    /// The fields that say which, of which one is given.
    public static final List<String> FIELDS = List.of("devices", "group", "filter");

    private final DeviceRegistry registry;
    private final DeviceSearch search;

    public DeviceTargets(DeviceRegistry registry, DeviceSearch search) {
        this.registry = registry;
        this.search = search;
    }

    /// In the order of their ids, each once; living ones only.
    ///
    /// @throws PlatformException `INVALID` for what names none, too many, or what the caller may not see
    public List<Device> read(Caller caller, Fields fields) {
        var names = fields.texts("devices", CommandLimits.BATCH_DEVICES, Limits.DEVICE_NAME_CHARACTERS);
        var group = fields.text("group", Limits.DEVICE_NAME_CHARACTERS);
        var filter = fields.text("filter", Limits.EXPRESSION_CHARACTERS);
        if (Stream.of(!names.isEmpty(), group.isPresent(), filter.isPresent()).filter(is -> is).count() != 1) {
            throw fields.refusal("devices", "or group or filter must say which devices are meant, one of them");
        }
        var scope = caller.organization();
        if (filter.isPresent()) {
            var found = search.matching(scope, DeviceFilter.parse(fields.path("filter"), filter.get()),
                    CommandLimits.BATCH_DEVICES + 1);
            return living(fields, "filter", found);
        }
        if (group.isPresent()) {
            return living(fields, "group", Arrays.stream(search.grouping().members(scope, group.get()))
                    .mapToObj(DeviceId::new).toList()).stream()
                    .filter(device -> scope.contains(device.organization())).toList();
        }
        return named(scope, fields, names);
    }

    /// @throws PlatformException `NOT_FOUND` when the caller sees no such group
    public void requireGroup(Caller caller, String idOrName) {
        try {
            search.grouping().members(caller.organization(), idOrName);
        } catch (PlatformException _) {
            throw new PlatformException(ErrorCode.NOT_FOUND, "There is no such group.");
        }
    }

    private List<Device> living(Fields fields, String field, List<DeviceId> found) {
        if (found.size() > CommandLimits.BATCH_DEVICES) {
            throw fields.refusal(field, "has more than " + CommandLimits.BATCH_DEVICES
                    + " devices; narrow it by a filter, and do the rest after that");
        }
        var devices = new ArrayList<>(search.living(found));
        devices.sort(Comparator.comparingLong(device -> device.id().value()));
        return devices;
    }

    private List<Device> named(OrganizationPath scope, Fields fields, List<String> names) {
        var found = new LinkedHashMap<Long, Device>();
        for (var i = 0; i < names.size(); i++) {
            var device = registry.find(scope, names.get(i))
                    .filter(it -> it.status() != DeviceStatus.DECOMMISSIONED);
            if (device.isEmpty()) throw fields.refusal("devices[" + i + "]", "is no device here");
            found.put(device.get().id().value(), device.get());
        }
        return found.values().stream().sorted(Comparator.comparingLong(device -> device.id().value())).toList();
    }
}
