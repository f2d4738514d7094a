package io.iotflow.server.configuration;

import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.StorableText;

/// Whom a configuration is for: one level of what devices inherit.
public sealed interface Target {
    String TYPE = "type:";
    String DEFAULT = "default:";
    String GROUP = "group:";
    String DEVICE = "device:";

    /// Every device of the type, in an organization and those below it.
    record OfType(String type) implements Target {
        public OfType {
            if (type.isBlank() || type.length() > Limits.DEVICE_NAME_CHARACTERS || !StorableText.accepts(type)
                    || type.chars().anyMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t')) {
                throw PlatformException.invalid("device_type", "must be text of 1 to "
                        + Limits.DEVICE_NAME_CHARACTERS + " characters");
            }
        }

        @Override
        public String text() {
            return TYPE + type;
        }
    }

    /// The same by the document of the type itself: what is there before anybody has said anything.
    record OfDefault(String type) implements Target {
        @Override
        public String text() {
            return DEFAULT + type;
        }
    }

    /// Every member of the group.
    record OfGroup(long group) implements Target {
        @Override
        public String text() {
            return GROUP + group;
        }
    }

    record OfDevice(DeviceId device) implements Target {
        @Override
        public String text() {
            return DEVICE + device;
        }
    }

    /// As it stands in the database and in answers: `type:thermostat`.
    String text();

    /// The opposite of [#text].
    static Target of(String text) {
        if (text.startsWith(TYPE)) return new OfType(text.substring(TYPE.length()));
        if (text.startsWith(DEFAULT)) return new OfDefault(text.substring(DEFAULT.length()));
        if (text.startsWith(GROUP)) return new OfGroup(Long.parseLong(text.substring(GROUP.length())));
        return new OfDevice(new DeviceId(Long.parseLong(text.substring(DEVICE.length()))));
    }

    /// A type or a group, as a caller names it; a device has calls of its own.
    ///
    /// @throws PlatformException `INVALID` for what is neither
    static Target shared(String text) {
        if (text.startsWith(GROUP) && text.substring(GROUP.length()).matches("[1-9][0-9]{0,17}")) {
            return new OfGroup(Long.parseLong(text.substring(GROUP.length())));
        }
        if (text.startsWith(TYPE)) return new OfType(text.substring(TYPE.length()));
        throw PlatformException.invalid("target", "must be type:<device type> or group:<number>; for one device call "
                + "/devices/{device}/configurations");
    }
}
