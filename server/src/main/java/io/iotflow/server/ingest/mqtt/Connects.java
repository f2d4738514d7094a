package io.iotflow.server.ingest.mqtt;

import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnAckVariableHeader;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttProperties.UserProperty;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import java.time.Instant;

/// What is changed between client and broker when one comes and when it goes.
final class Connects {
    /// Seconds that a session is kept at the most, 24 days. The broker counts milliseconds in an int and would drop a
    /// longer session at once.
    static final int LONGEST_SESSION = Integer.MAX_VALUE / 1_000;

    private Connects() {}

    /// A client's CONNECT in a form that the broker gets right. It knows no topic aliases, since the broker would give
    /// them to its own topics before they are translated. Its session is not too long. It starts clean if it has no
    /// client id: the one that it will be assigned is new.
    static MqttConnectMessage forBroker(MqttConnectMessage packet) {
        var old = packet.variableHeader();
        if (old.version() < 5) return packet;
        var properties = shortened(Packets.without(old.properties(), MqttPropertyType.TOPIC_ALIAS_MAXIMUM));
        var isNew = packet.payload().clientIdentifier().isEmpty();
        return new MqttConnectMessage(packet.fixedHeader(), new MqttConnectVariableHeader(old.name(), old.version(),
                old.hasUserName(), old.hasPassword(), old.isWillRetain(), old.willQos(), old.isWillFlag(),
                old.isCleanSession() || isNew, old.keepAliveTimeSeconds(), properties), packet.payload());
    }

    /// A client's DISCONNECT, which may ask for another time as well.
    static MqttMessage forBroker(MqttMessage disconnect) {
        if (!(disconnect.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader old)) return disconnect;
        return new MqttMessage(disconnect.fixedHeader(), new MqttReasonCodeAndPropertiesVariableHeader(
                old.reasonCode(), shortened(old.properties())));
    }

    private static MqttProperties shortened(MqttProperties properties) {
        if (!isTooLong(properties)) return properties;
        var shorter = Packets.without(properties, MqttPropertyType.SESSION_EXPIRY_INTERVAL);
        shorter.add(new IntegerProperty(MqttPropertyType.SESSION_EXPIRY_INTERVAL.value(), LONGEST_SESSION));
        return shorter;
    }

    /// Whether the client asks for a longer session than it gets.
    static boolean isTooLong(MqttProperties properties) {
        var seconds = properties.getProperty(MqttPropertyType.SESSION_EXPIRY_INTERVAL.value());
        return seconds != null && Integer.compareUnsigned((int) seconds.value(), LONGEST_SESSION) > 0;
    }

    /// The broker's answer as the client must see it: with a client id that was made up for it as it must repeat it,
    /// and with the time for which its session is kept if that is another than it has asked for. A device whose key
    /// or certificate ends is told when.
    static MqttMessage forClient(MqttConnAckMessage answer, String prefix, boolean isShortened,
            Instant welcomeUntil) {
        var old = answer.variableHeader();
        var properties = old.properties();
        var assigned = properties.getProperty(MqttPropertyType.ASSIGNED_CLIENT_IDENTIFIER.value());
        if (assigned != null && assigned.value().toString().startsWith(prefix)) {
            properties = Packets.without(properties, MqttPropertyType.ASSIGNED_CLIENT_IDENTIFIER);
            properties.add(new StringProperty(assigned.propertyId(),
                    assigned.value().toString().substring(prefix.length())));
        }
        if (isShortened) {
            properties.add(new IntegerProperty(MqttPropertyType.SESSION_EXPIRY_INTERVAL.value(), LONGEST_SESSION));
        }
        var isVersion5 = properties != MqttProperties.NO_PROPERTIES;
        if (isVersion5 && !welcomeUntil.equals(Instant.MAX)) {
            properties.add(new UserProperty("credential_expires_at", welcomeUntil.toString()));
        }
        return new MqttConnAckMessage(answer.fixedHeader(),
                new MqttConnAckVariableHeader(old.connectReturnCode(), old.isSessionPresent(), properties));
    }

    /// 3.1.1 has no word of its own for it.
    static MqttMessage tooMany(boolean version5) {
        return MqttMessageBuilders.connAck().sessionPresent(false)
                .returnCode(version5 ? MqttConnectReturnCode.CONNECTION_REFUSED_CONNECTION_RATE_EXCEEDED
                        : MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_UNAVAILABLE).build();
    }

    static MqttMessage refused(boolean version5) {
        return MqttMessageBuilders.connAck().sessionPresent(false)
                .returnCode(version5 ? MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED_5
                        : MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED).build();
    }
}
