package io.iotflow.server.alert;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.database.StorableText;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.Handler;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;

/// The alert inbox.
public final class AlertRoutes implements Routes {
    private static final Duration SPAN = Duration.ofDays(30);

    private final Database database;
    private final AlertDesk desk;
    private final Pending.Known pending;
    private final BiFunction<Caller, String, DeviceId> deviceNamed;
    private final AlertStore store = new AlertStore();

    record Reason(String reason) {
        Reason {
            reason = checked("reason", reason);
        }
    }

    /// @param user null for nobody
    record Assignment(String user) {
        Assignment {
            user = checked("user", user);
        }
    }

    record Remark(String text) {
        Remark {
            text = checked("text", text);
            if (text.isBlank()) throw PlatformException.invalid("text", "must not be empty");
        }
    }

    record Judgement(Boolean value, String reason) {
        Judgement {
            if (value == null) throw PlatformException.invalid("value", "must be true or false");
            reason = checked("reason", reason);
        }
    }

    record Many(List<Long> ids, String reason) {
        Many {
            if (ids == null || ids.isEmpty() || ids.size() > Limits.ALERTS_AT_ONCE
                    || ids.stream().anyMatch(Objects::isNull)) {
                throw PlatformException.invalid("ids", "must be 1 to " + Limits.ALERTS_AT_ONCE + " numbers of alerts");
            }
            reason = checked("reason", reason);
        }
    }

    /// @param deviceNamed the device that has this id or name; throws if the caller may not see it
    public AlertRoutes(Database database, Alerts alerts, Audit audit, InstantSource clock,
            Pending.Known pending, BiFunction<Caller, String, DeviceId> deviceNamed) {
        this.database = database;
        this.pending = pending;
        this.desk = new AlertDesk(database, alerts, audit, clock);
        this.deviceNamed = deviceNamed;
    }

    @Override
    public void declare(RouteTable table) {
        var readers = Access.with(Permission.ALERTS_READ);
        var writers = Access.with(Permission.ALERTS_WRITE);
        table.get("alerts", readers, this::list);
        table.get("alerts/counts", readers, request ->
                Reply.ok(database.transaction(request.scope(), AlertFigures::counts)));
        table.get("alerts/pending", readers, this::listPending);
        table.get("alerts/statistics", readers, this::statistics);
        table.get("alerts/{alert}", readers, this::show);
        table.post("alerts/acknowledge", writers, many(_ -> Act.Acknowledge::new));
        table.post("alerts/resolve", writers, many(wish -> (by, at) -> new Act.Resolve(by, at, wish.reason())));
        table.post("alerts/{alert}/acknowledge", writers, one(_ -> Act.Acknowledge::new));
        table.post("alerts/{alert}/resolve", writers, one(request -> {
            var reason = request.hasBody() ? request.json(Reason.class).reason() : "";
            return (by, at) -> new Act.Resolve(by, at, reason);
        }));
        table.post("alerts/{alert}/assign", writers, one(request -> {
            var user = request.json(Assignment.class).user();
            return (by, at) -> new Act.Assign(by, at, user);
        }));
        table.post("alerts/{alert}/comment", writers, one(request -> {
            var text = request.json(Remark.class).text();
            return (by, at) -> new Act.Comment(by, at, text);
        }));
        table.post("alerts/{alert}/false-positive", writers, one(request -> {
            var wish = request.json(Judgement.class);
            return (by, at) -> new Act.Judge(by, at, wish.value(), wish.reason());
        }));
    }

    private Reply list(Request request) {
        var query = AlertQuery.read(request.query(), named(request));
        return Reply.ok(database.transaction(request.scope(), handle -> {
            var answer = query.page(handle).json("alerts", AlertJson::json);
            answer.set("counts", AlertFigures.open(handle));
            return answer;
        }));
    }

    private Reply listPending(Request request) {
        var visible = pending.list().filter(it -> request.scope().contains(it.organization()));
        return Reply.ok(Pending.page(request.query(), visible, named(request)).json("pending", Pending::json));
    }

    private Function<String, DeviceId> named(Request request) {
        return name -> deviceNamed.apply(request.caller(), name);
    }

    private Reply statistics(Request request) {
        var to = request.query().time("to").orElse(request.receivedAt());
        var from = request.query().time("from").orElse(to.minus(SPAN));
        if (!from.isBefore(to)) throw PlatformException.invalid("from", "must be before to");
        return Reply.ok(database.transaction(request.scope(), handle -> AlertFigures.statistics(handle, from, to)));
    }

    private Reply show(Request request) {
        var id = request.id("alert");
        return Reply.ok(database.transaction(request.scope(), handle -> {
            var alert = store.find(handle, id).orElseThrow(AlertDesk::absent);
            return AlertJson.detail(alert, store.history(handle, id));
        }));
    }

    /// What the request's body asks for.
    @FunctionalInterface
    private interface Asked<T> {
        AlertDesk.Wish of(T body);
    }

    private Handler one(Asked<Request> asked) {
        return request -> Reply.ok(AlertJson.json(desk.act(request.actor(), request.id("alert"), asked.of(request))));
    }

    private Handler many(Asked<Many> asked) {
        return request -> {
            var wish = request.json(Many.class);
            var outcome = desk.act(request.actor(), wish.ids(), asked.of(wish));
            var answer = JsonNodeFactory.instance.objectNode().put("changed", outcome.changed())
                    .put("unchanged", outcome.unchanged());
            var refused = answer.putArray("refused");
            outcome.refused().forEach(it -> refused.addObject().put("id", it.id()).put("detail", it.detail()));
            return Reply.ok(answer);
        };
    }

    /// @param text null is the same as empty
    private static String checked(String field, String text) {
        if (text == null) return "";
        if (text.length() > Limits.ALERT_COMMENT_CHARACTERS || !StorableText.accepts(text)) {
            throw PlatformException.invalid(field, "must have at most " + Limits.ALERT_COMMENT_CHARACTERS
                    + " characters, and no broken ones");
        }
        return text;
    }
}
