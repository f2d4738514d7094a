package io.iotflow.simulator;

import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;

/// Says in a few plain words why something on the network failed.
final class Causes {

    private Causes() {}

    static String of(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case UnknownHostException _, UnresolvedAddressException _ -> {
                    return "unknown host";
                }
                case HttpTimeoutException _, TimeoutException _, java.net.SocketTimeoutException _ -> {
                    return "no answer in time";
                }
                case Mqtt5ConnAckException refused -> {
                    return "the broker refused: " + words(refused.getMqttMessage().getReasonCode());
                }
                case Mqtt5DisconnectException ended -> {
                    return "the broker disconnected: " + words(ended.getMqttMessage().getReasonCode());
                }
                default -> { }
            }
        }
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException) return "connection refused";
        }
        return "connection lost";
    }

    private static String words(Enum<?> reason) {
        return reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
