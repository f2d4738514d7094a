package io.iotflow.server.audit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.iotflow.ledger.Checkpoint;
import io.iotflow.ledger.Hash;
import io.iotflow.ledger.Span;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Json;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.io.BufferedOutputStream;
import java.util.List;
import java.util.OptionalLong;

/// The audit log over HTTP. Entries are answered as they were hashed, to the byte.
public final class AuditRoutes implements Routes {
    private static final int EXPORT_BUFFER_BYTES = 64 << 10;

    private final AuditLog log;

    public AuditRoutes(AuditLog log) {
        this.log = log;
    }

    @Override
    public void declare(RouteTable table) {
        var readers = Access.with(Permission.AUDIT_READ);
        table.get("audit", readers, this::list);
        table.get("audit/checkpoint", readers, this::checkpoint);
        table.get("audit/key", readers, _ -> Reply.text(log.key() + "\n"));
        table.get("audit/consistency", readers, this::consistency);
        table.get("audit/export", readers, this::export).longLived();
        table.get("audit/{entry}/proof", readers, this::proof);
    }

    private Reply list(Request request) {
        var page = log.list(request.scope(), AuditQuery.read(request.query()));
        var answer = Json.mapper().createObjectNode();
        var entries = answer.putArray("entries");
        page.entries().forEach(row -> put(entries.addObject(), row));
        answer.put("count", page.entries().size());
        answer.put("next_cursor", page.next().isPresent() ? Long.toString(page.next().getAsLong()) : null);
        return Reply.ok(answer);
    }

    private static void put(ObjectNode json, AuditStore.Row row) {
        json.put("id", row.id());
        if (row.index().isPresent()) json.put("index", row.index().getAsLong());
        else json.putNull("index");
        json.putRawValue("entry", new RawValue(row.body()));
    }

    private Reply checkpoint(Request request) throws InterruptedException {
        log.catchUp(Limits.CATCH_UP);
        return Reply.text(log.checkpoint().toString());
    }

    private Reply proof(Request request) throws InterruptedException {
        var name = request.parameter("entry");
        if (!name.matches("[1-9][0-9]{0,17}")) throw PlatformException.notFound("such entry");
        log.catchUp(Limits.CATCH_UP);
        var proof = log.proof(request.scope(), Long.parseLong(name));
        var answer = Json.mapper().createObjectNode();
        put(answer, proof.entry());
        answer.put("leaf_hash", proof.leaf().toString());
        answer.put("size", proof.checkpoint().size());
        putHashes(answer.putArray("proof"), proof.hashes());
        answer.put("checkpoint", proof.note());
        return Reply.ok(answer);
    }

    private Reply consistency(Request request) throws InterruptedException {
        log.catchUp(Limits.CATCH_UP);
        var size = size();
        var to = request.query().whole("to", size, 0, size);
        if (request.query().text("from").isEmpty()) {
            throw PlatformException.invalid("from", "is missing: the size of the older checkpoint");
        }
        var from = request.query().whole("from", 0L, 0, to);
        var answer = Json.mapper().createObjectNode();
        answer.put("from", from);
        answer.put("to", to);
        putHashes(answer.putArray("proof"), log.consistency(from, to));
        return Reply.ok(answer);
    }

    private Reply export(Request request) throws InterruptedException {
        log.catchUp(Limits.CATCH_UP);
        var note = log.checkpoint();
        var size = Checkpoint.open(note, log.key()).size();
        var to = request.query().whole("to", size, 0, size);
        var span = new Span(request.query().whole("from", 0L, 0, to), to);
        var since = request.query().text("since").isEmpty() ? OptionalLong.empty()
                : OptionalLong.of(request.query().whole("since", 0L, 0, size));
        return Reply.stream("application/jsonl", out -> {
            var buffered = new BufferedOutputStream(out, EXPORT_BUFFER_BYTES);
            log.export(request.scope(), note, span, since, buffered);
            buffered.flush();
        }).header("Content-Disposition", "attachment; filename=\"audit-" + span.from() + "-" + span.to() + ".jsonl\"");
    }

    /// Of the newest checkpoint.
    private long size() {
        return Checkpoint.open(log.checkpoint(), log.key()).size();
    }

    private static void putHashes(ArrayNode array, List<Hash> hashes) {
        hashes.forEach(hash -> array.add(hash.toString()));
    }
}
