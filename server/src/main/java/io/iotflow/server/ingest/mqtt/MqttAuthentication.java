package io.iotflow.server.ingest.mqtt;

import io.iotflow.server.device.Credentials;
import io.iotflow.server.device.Device;
import io.iotflow.server.http.Caller;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import javax.security.auth.Subject;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTConnection;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyConnection;
import org.apache.activemq.artemis.core.security.CheckType;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.apache.activemq.artemis.spi.core.security.ActiveMQSecurityManager5;
import org.apache.activemq.artemis.spi.core.security.jaas.UserPrincipal;

/// Decides who may connect: a device by id or name with its key, a device by its key as the user name, or a user by
/// name with a token. What they may do there is decided in [TopicAccess], so the broker is told yes.
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
        var session = session(user, password);
        if (session.isEmpty()) return null;
        var known = session.get();
        connections.identify(transport.getChannel(), client, known, () -> welcomeUntil(user, password, known));
        var subject = new Subject();
        subject.getPrincipals().add(new UserPrincipal(client.getClientID()));
        return subject;
    }

    private Optional<MqttSession> session(String user, String password) {
        if (user == null) return Optional.empty();
        if (password == null || password.isEmpty()) return device(credentials.authenticate(user));
        var known = users.apply(password).filter(person -> person.name().equals(user));
        if (known.isPresent()) return known.map(MqttSession.OfUser::new);
        return device(credentials.authenticateAs(user, password));
    }

    /// Until when they would be let in, as is known now. What a user may do is known once for each connection, so one
    /// who may do something else now has to connect anew.
    private Instant welcomeUntil(String user, String password, MqttSession before) {
        return switch (session(user, password).orElse(null)) {
            case null -> Instant.MIN;
            case MqttSession.OfUser now -> now.equals(before) ? Instant.MAX : Instant.MIN;
            case MqttSession.OfDevice _ ->
                    credentials.validUntil(password == null || password.isEmpty() ? user : password);
        };
    }

    private static Optional<MqttSession> device(Optional<Device> device) {
        return device.filter(known -> known.status().mayPublish())
                .map(known -> new MqttSession.OfDevice(known.id(), known.name(), known.organization()));
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
