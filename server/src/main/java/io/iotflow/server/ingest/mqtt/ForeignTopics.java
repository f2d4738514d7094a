package io.iotflow.server.ingest.mqtt;

import io.iotflow.protocol.DeviceTopic;
import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.server.core.DeviceId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/// Topics that devices of other platforms speak on, each of its own affairs only:
///
/// | the device writes | what goes down stands in the broker below |
/// |---|---|
/// | `v1/devices/me/…` (ThingsBoard) | `foreign/{id}/thingsboard/…` |
/// | `v1/gateway/…` (ThingsBoard, for others; see [Spokesman]) | `foreign/{id}/gateway/…` |
/// | `v2/fw/…` (ThingsBoard's firmware) | `foreign/{id}/fw/…` |
/// | `$aws/things/{name}/shadow/…` (AWS IoT) | `foreign/{id}/aws/…` |
///
/// What goes up is a message of ours under another name. Nobody else can subscribe below `foreign/`.
final class ForeignTopics {
    static final String ROOT = "foreign/";
    private static final String THINGSBOARD = "thingsboard/";
    private static final String AWS = "aws/";
    static final String GATEWAY = "gateway/";
    private static final String ME = "v1/devices/me/";
    private static final String FOR_OTHERS = "v1/gateway/";
    private static final String FIRMWARE = "v2/fw/";
    private static final Set<String> SAID_FOR_OTHERS = Set.of("connect", "disconnect", "telemetry", "attributes",
            "attributes/request", "rpc");
    private static final Set<String> SHADOW_REQUESTS = Set.of("update", "get", "delete");
    private static final Pattern ASKED = Pattern.compile("(attributes|rpc)/request/[0-9]{1,10}");
    private static final Pattern ANSWERED = Pattern.compile("rpc/response/([0-9]{1,10})");
    private static final Pattern CHUNK = Pattern.compile("request/([0-9]{1,10})/chunk/([0-9]{1,9})");

    private final DeviceId device;
    private final String thing;
    private final BiFunction<DeviceId, String, Optional<String>> calls;
    private final List<Form> forms;

    /// @param spoken   how the device's topics begin
    /// @param canonical how the same begin in the broker
    private record Form(String spoken, String canonical) {}

    /// @param calls the command that a device was called to do under this number, if it was
    ForeignTopics(DeviceId device, String name, BiFunction<DeviceId, String, Optional<String>> calls) {
        this.device = device;
        this.calls = calls;
        thing = "$aws/things/" + name + "/shadow/";
        var root = ROOT + device + "/";
        forms = List.of(new Form(ME, root + THINGSBOARD), new Form(FOR_OTHERS, root + GATEWAY),
                new Form(FIRMWARE, root + "fw/"), new Form(thing, root + AWS));
    }

    /// The broker's topic for something that goes down.
    ///
    /// @param topic such as `aws/update/accepted`
    static String canonical(DeviceId device, String topic) {
        return ROOT + device + "/" + topic;
    }

    /// The broker's form of a filter; empty if it is none of these.
    Optional<String> subscription(String filter) {
        return forms.stream().filter(form -> filter.startsWith(form.spoken))
                .map(form -> form.canonical + filter.substring(form.spoken.length())).findFirst();
    }

    /// The broker's topic as the device knows it.
    String asSpoken(String topic) {
        return forms.stream().filter(form -> topic.startsWith(form.canonical))
                .map(form -> form.spoken + topic.substring(form.canonical.length())).findFirst().orElse(topic);
    }

    /// What a message to this topic is for us; empty if it is nothing that devices send.
    Optional<DeviceTopic> published(String topic) {
        if (topic.startsWith(ME)) return thingsBoard(topic.substring(ME.length()));
        if (topic.startsWith(FIRMWARE)) return firmware(topic.substring(FIRMWARE.length()));
        if (!topic.startsWith(thing)) return Optional.empty();
        return Optional.of(topic.substring(thing.length())).filter(SHADOW_REQUESTS::contains)
                .map(word -> shadow(AWS + word));
    }

    /// What a device says for others, with the word below `v1/gateway/` as the rest; empty if the topic is no such.
    Optional<DeviceTopic> saidForOthers(String topic) {
        return topic.startsWith(FOR_OTHERS) ? Optional.of(topic.substring(FOR_OTHERS.length()))
                .filter(SAID_FOR_OTHERS::contains).map(word -> new DeviceTopic(device.toString(), Kind.TELEMETRY, word))
                : Optional.empty();
    }

    private Optional<DeviceTopic> firmware(String word) {
        var chunk = CHUNK.matcher(word);
        return chunk.matches() ? Optional.of(new DeviceTopic(device.toString(), Kind.FIRMWARE,
                "request/v2/" + chunk.group(1) + "/" + chunk.group(2))) : Optional.empty();
    }

    private Optional<DeviceTopic> thingsBoard(String word) {
        if (word.equals("telemetry")) return Optional.of(new DeviceTopic(device.toString(), Kind.TELEMETRY, ""));
        if (word.equals("attributes") || ASKED.matcher(word).matches()) return Optional.of(shadow(THINGSBOARD + word));
        var answer = ANSWERED.matcher(word);
        if (!answer.matches()) return Optional.empty();
        return Optional.of(calls.apply(device, answer.group(1))
                .map(command -> new DeviceTopic(device.toString(), Kind.COMMANDS, command + "/result"))
                .orElseGet(() -> shadow(THINGSBOARD + word))); // nobody waits for it
    }

    private DeviceTopic shadow(String rest) {
        return new DeviceTopic(device.toString(), Kind.SHADOW, rest);
    }
}
