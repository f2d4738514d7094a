package io.iotflow.server.http;

/// Who may call a route. Whether the caller may see the particular thing it asks for is the route's own business.
public enum Access {
    PUBLIC, DEVICE, OPERATOR, DEVICE_OR_OPERATOR;

    boolean admits(Caller caller) {
        return switch (caller) {
            case Caller.Device _ -> this != OPERATOR;
            case Caller.Operator _ -> this != DEVICE;
            case Caller.Anonymous _ -> this == PUBLIC;
        };
    }
}
