package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.device.Credentials;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Caller;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.security.auth.Subject;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTConnection;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyConnection;
import org.apache.activemq.artemis.core.security.CheckType;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.apache.activemq.artemis.spi.core.security.ActiveMQSecurityManager5;
import org.apache.activemq.artemis.spi.core.security.jaas.UserPrincipal;

/// Decides who may connect: a device by id or name with its key, by its key as the user name, or by its certificate, or
/// a user by name with a token. What they may do there is decided in [TopicAccess], so the broker is told yes.
///
/// Runs on the broker's threads.
final class MqttAuthentication implements ActiveMQSecurityManager5 {
    private final Credentials credentials;
    private final Function<String, Optional<Caller.User>> users;
    private final Connections connections;

    MqttAuthentication(Credentials credentials, Function<String, Optional<Caller.User>> users,
            Connections connections) {
        this.credentials = credentials;
        this.users = users;
        this.connections = connections;
    }

    @Override
    public Subject authenticate(String user, String password, RemotingConnection connection, String domain) {
        if (!(connection instanceof MQTTConnection client)
                || !(client.getTransportConnection() instanceof NettyConnection transport)) {
            return null;
        }
        var shown = new Shown(user, password == null ? "" : password, certificate(transport.getChannel()));
        var session = session(shown);
        if (session.isEmpty()) return null;
        var known = session.get();
        connections.identify(transport.getChannel(), client, known, () -> welcomeUntil(shown, known));
        var subject = new Subject();
        subject.getPrincipals().add(new UserPrincipal(client.getClientID()));
        return subject;
    }

    /// What a client proves itself by.
    ///
    /// @param user        null when it says none
    /// @param password    empty when it says none
    /// @param certificate one that has passed in the TLS handshake
    private record Shown(String user, String password, Optional<X509Certificate> certificate) {
        boolean isKeyAsUser() {
            return user != null && password.isEmpty();
        }

        /// Who shows a certificate may leave the user out. What begins with a question mark is no user: the clients of
        /// AWS IoT say there which they are.
        boolean isSilent() {
            return user == null || user.startsWith("?");
        }
    }

    private static Optional<X509Certificate> certificate(Channel channel) {
        var tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) return Optional.empty();
        try {
            return Optional.of((X509Certificate) tls.engine().getSession().getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException _) {
            return Optional.empty(); // the client has shown none
        }
    }

    private Optional<MqttSession> session(Shown shown) {
        if (!shown.password().isEmpty()) return byPassword(shown.user(), shown.password());
        var owner = owner(shown);
        if (owner.isPresent() || !shown.isKeyAsUser()) return device(owner);
        return device(credentials.authenticate(shown.user()));
    }

    private Optional<MqttSession> byPassword(String user, String password) {
        if (user == null) return Optional.empty();
        var known = users.apply(password).filter(person -> person.name().equals(user));
        if (known.isPresent()) return known.map(MqttSession.OfUser::new);
        return device(credentials.authenticateAs(user, password));
    }

    /// Whose certificate it is; who says a name as well must say that device's.
    private Optional<Device> owner(Shown shown) {
        return shown.certificate().flatMap(credentials::authenticate)
                .filter(device -> shown.isSilent() || device.isCalled(shown.user()));
    }

    /// Until when they would be let in, as is known now. What a user may do is known once for each connection, so one
    /// who may do something else now has to connect anew.
    private Instant welcomeUntil(Shown shown, MqttSession before) {
        return switch (session(shown).orElse(null)) {
            case null -> Instant.MIN;
            case MqttSession.OfUser now -> now.equals(before) ? Instant.MAX : Instant.MIN;
            case MqttSession now when now instanceof MqttSession.OfQuarantined
                    != before instanceof MqttSession.OfQuarantined -> Instant.MIN;
            case MqttSession.OfDevice _, MqttSession.OfQuarantined _ -> keptUntil(shown);
        };
    }

    /// Of a device that would be let in: until when what it has shown is taken.
    private Instant keptUntil(Shown shown) {
        return shown.password().isEmpty() && owner(shown).isPresent()
                ? credentials.validUntil(shown.certificate().orElseThrow())
                : credentials.validUntil(shown.isKeyAsUser() ? shown.user() : shown.password());
    }

    private static Optional<MqttSession> device(Optional<Device> device) {
        return device.flatMap(known -> switch (known.status()) {
            case PROVISIONING, DECOMMISSIONED -> Optional.<MqttSession>empty();
            case QUARANTINED -> Optional.of(
                    new MqttSession.OfQuarantined(known.id(), known.name(), known.organization()));
            case ACTIVE, INACTIVE, MAINTENANCE ->
                    Optional.of(new MqttSession.OfDevice(known.id(), known.name(), known.organization()));
        });
    }

    @Override
    public boolean authorize(Subject subject, Set<Role> roles, CheckType type, String address) {
        return true;
    }

    @Override
    public boolean validateUser(String user, String password) {
        return false;
    }

    @Override
    public boolean validateUserAndRole(String user, String password, Set<Role> roles, CheckType type) {
        return false;
    }
}
