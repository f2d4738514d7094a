package io.iotflow.server.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.certificate.Fingerprint;
import io.iotflow.server.certificate.Pem;
import io.iotflow.server.certificate.RevocationReason;
import io.iotflow.server.certificate.SigningRequest;
import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.http.Access;
import io.iotflow.server.http.Permission;
import io.iotflow.server.http.Reply;
import io.iotflow.server.http.Request;
import io.iotflow.server.http.RouteTable;
import io.iotflow.server.http.Routes;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// What devices and operators do with certificates.
public final class CertificateRoutes implements Routes {
    private static final String PROVISIONING_KEY = "X-Provisioning-Key";
    /// A certificate with those above it, or a request beside all that may be said of a device.
    private static final long BODY_BYTES = 128 << 10;
    private static final Duration FAR = Duration.ofDays(36_500);

    private final Certificates certificates;
    private final DeviceRegistry registry;
    private final Provisioning provisioning;
    private final Presence presence;
    private final RegistrationGate gate;

    public CertificateRoutes(Certificates certificates, DeviceRegistry registry, Provisioning provisioning,
                             Presence presence, RegistrationGate gate) {
        this.certificates = certificates;
        this.registry = registry;
        this.provisioning = provisioning;
        this.presence = presence;
        this.gate = gate;
    }

    @Override
    public void declare(RouteTable table) {
        table.post("certificates/claim", Access.PUBLIC, this::claim).credentialHeader(PROVISIONING_KEY)
                .bodyLimit(BODY_BYTES);
        table.post("certificates/renew", Access.DEVICE, this::renew).bodyLimit(BODY_BYTES).rateLimit("10/1h");
        table.get("certificates", Access.with(Permission.DEVICES_READ), this::list);
        table.get("certificates/ca", Access.PUBLIC, _ -> Reply.bytes("application/x-pem-file",
                Pem.of(certificates.authorities()).getBytes(StandardCharsets.US_ASCII)));
        table.get("certificates/crl", Access.PUBLIC, _ -> Reply.bytes("application/pkix-crl",
                certificates.revocationList()));
        table.get("devices/{device}/certificates", Access.deviceOrWith(Permission.DEVICES_READ), this::ofDevice);
        table.post("devices/{device}/certificates", Access.with(Permission.CREDENTIALS_WRITE), this::add)
                .bodyLimit(BODY_BYTES);
        table.delete("devices/{device}/certificates/{fingerprint}", Access.with(Permission.CREDENTIALS_WRITE),
                this::revoke);
    }

    private Reply claim(Request request) {
        var secret = request.header(PROVISIONING_KEY).orElseThrow(() -> PlatformException.malformed(
                "X-Provisioning-Key is missing: a device claims its certificate with a provisioning key."));
        var key = gate.admitKey(provisioning, secret, request.remoteAddress());
        var json = request.json();
        var signing = SigningRequest.parse(pem(json, "csr"));
        var issued = certificates.claim(provisioning, request.actor(), key,
                DeviceBody.registration(json, key.type()), signing);
        var answer = JsonNodeFactory.instance.objectNode().put("message", "Device registered");
        answer.set("device", DeviceJson.ofNew(issued.device(), presence, registry));
        return Reply.created(complete(answer, issued));
    }

    private Reply renew(Request request) {
        var signing = SigningRequest.parse(pem(request.json(), "csr"));
        var issued = certificates.renew(request.actor(), request.device().id(), signing);
        return Reply.created(complete(answer("Certificate renewed", issued.device()), issued));
    }

    /// From a request, or one that was issued elsewhere.
    private Reply add(Request request) {
        var device = device(request);
        var json = request.json();
        if (json.hasNonNull("csr") == json.hasNonNull("certificate")) {
            throw PlatformException.invalid("csr", "or certificate must be there, and not both");
        }
        if (json.hasNonNull("csr")) {
            var issued = certificates.issue(request.actor(), device.id(), SigningRequest.parse(pem(json, "csr")));
            return Reply.created(complete(answer("Certificate issued", device), issued));
        }
        var registered = certificates.register(request.actor(), device.id(), chain(pem(json, "certificate")));
        return Reply.created(answer("Certificate registered", device).set("certificate", json(registered)));
    }

    private static ObjectNode answer(String message, Device device) {
        return JsonNodeFactory.instance.objectNode().put("message", message).put("device_id", device.id().value());
    }

    private ObjectNode complete(ObjectNode answer, Certificates.Issued issued) {
        answer.set("certificate", json(issued.certificate()));
        return answer.put("certificate_pem", Pem.of(issued.x509()))
                .put("chain_pem", Pem.of(certificates.authorities()));
    }

    private static String pem(JsonNode json, String field) {
        if (json.path(field).isTextual()) return json.path(field).textValue();
        throw PlatformException.invalid(field, "must be text in PEM, from -----BEGIN to END-----");
    }

    private static List<X509Certificate> chain(String pem) {
        if (pem.length() > Limits.CERTIFICATE_CHAIN_BYTES) {
            throw new PlatformException(ErrorCode.TOO_LARGE, "certificate may have at most "
                    + Limits.CERTIFICATE_CHAIN_BYTES + " characters.");
        }
        try {
            return Pem.certificates(pem);
        } catch (CertificateException _) {
            throw PlatformException.malformed("certificate is none in PEM; it begins with -----BEGIN CERTIFICATE-----");
        }
    }

    private Reply list(Request request) {
        var query = request.query();
        var before = query.time("expiring_before").orElseGet(() -> request.receivedAt().plus(FAR));
        var answer = JsonNodeFactory.instance.objectNode();
        var all = answer.putArray("certificates");
        for (var listed : certificates.list(request.scope(), before,
                query.whole("limit", Limits.PAGE_DEFAULT, 1, Limits.PAGE_MAX),
                query.whole("offset", 0, 0, Integer.MAX_VALUE))) {
            all.add(json(listed.certificate()).put("device_name", listed.deviceName()));
        }
        return Reply.ok(answer.put("count", all.size()));
    }

    private Reply ofDevice(Request request) {
        var device = device(request);
        var answer = JsonNodeFactory.instance.objectNode();
        var all = answer.putArray("certificates");
        certificates.of(request.scope(), device.id()).forEach(one -> all.add(json(one)));
        return Reply.ok(answer.put("count", all.size()));
    }

    private Reply revoke(Request request) {
        var device = device(request);
        var word = request.query().text("reason").orElse("unspecified");
        var reason = RevocationReason.find(word).orElseThrow(() ->
                PlatformException.invalid("reason", "must be one of " + RevocationReason.words()));
        var fingerprint = Fingerprint.parse(request.parameter("fingerprint")).orElseThrow(() ->
                PlatformException.notFound("certificate with this fingerprint"));
        var revoked = certificates.revoke(request.actor(), device.id(), fingerprint, reason);
        return Reply.ok(answer("Certificate revoked", device).set("certificate", json(revoked)));
    }

    private ObjectNode json(DeviceCertificate certificate) {
        var json = JsonNodeFactory.instance.objectNode().put("fingerprint", certificate.fingerprint().hex())
                .put("device_id", certificate.device().value())
                .put("state", certificate.state(certificates.now()).name().toLowerCase(Locale.ROOT))
                .put("source", certificate.source().name().toLowerCase(Locale.ROOT))
                .put("serial", certificate.serial()).put("subject", certificate.subject())
                .put("issuer", certificate.issuer()).put("not_before", certificate.notBefore().toString())
                .put("not_after", certificate.notAfter().toString())
                .put("valid_until", certificate.endsAt().toString())
                .put("created_at", certificate.createdAt().toString());
        return json.put("revoked_at", certificate.revocation().map(it -> it.at().toString()).orElse(null))
                .put("reason", certificate.revocation().map(it -> it.reason().word()).orElse(null));
    }

    private Device device(Request request) {
        return registry.require(request.caller(), request.parameter("device"));
    }
}
