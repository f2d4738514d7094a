package io.iotflow.server.alert;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Page;
import io.iotflow.server.http.Query;
import java.time.Instant;
import java.util.Comparator;
import java.util.function.Function;
import java.util.stream.Stream;

/// An alert to be: what a rule with a hold time has found, but not for long enough yet. It stands in no table.
///
/// @param organization the device's
/// @param since        by the clock of the measurements
/// @param dueAt        when the alert begins, unless the condition ends before
public record Pending(Finding.Source source, DeviceId device, String deviceName, OrganizationPath organization,
                      Instant since, Instant dueAt) {

    /// Who knows them.
    @FunctionalInterface
    public interface Known {
        /// Those of all organizations, in no order.
        ///
        /// @throws io.iotflow.server.core.PlatformException when the rules are too busy to answer
        Stream<Pending> list();
    }

    ObjectNode json() {
        return JsonNodeFactory.instance.objectNode().put("organization_id", organization.id())
                .put("device_id", device.value()).put("device_name", deviceName).put("rule_id", source.rule())
                .put("rule_version", source.version()).put("rule_name", source.name())
                .put("severity", source.severity().word()).put("shadow", source.isShadow())
                .put("pending_since", since.toString())
                .put("due_at", dueAt.toString());
    }

    /// Those that a request asks for, what is due first first, in one page.
    ///
    /// @param deviceNamed the device that has this id or name, if the caller may see it
    static Page<Pending> page(Query query, Stream<Pending> visible, Function<String, DeviceId> deviceNamed) {
        var severities = query.list("severity");
        var device = query.text("device").map(deviceNamed);
        var rule = query.text("rule");
        var isShadow = query.flag("shadow");
        var limit = query.whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX);
        return new Page<>(visible.filter(it -> it.source().isShadow() == isShadow
                && (severities.isEmpty() || severities.contains(it.source().severity().word()))
                && device.filter(id -> !id.equals(it.device())).isEmpty()
                && rule.filter(name -> !it.isOf(name)).isEmpty())
                .sorted(Comparator.comparing(Pending::dueAt).thenComparingLong(it -> it.device().value()))
                .limit(limit).toList(), 0);
    }

    /// Whether the rule goes by this id or name.
    private boolean isOf(String rule) {
        return rule.equals(Long.toString(source.rule())) || rule.equals(source.name());
    }
}
