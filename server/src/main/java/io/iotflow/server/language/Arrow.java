package io.iotflow.server.language;

/// A function that is passed to a method of an array. Runs in the frame of the expression around it.
///
/// @param slots where its parameters go
/// @param cost  the steps of one call
record Arrow(int[] slots, Code body, int cost) {

    Object value(Frame frame, Object... arguments) {
        pass(frame, arguments);
        return body.value(frame);
    }

    boolean truth(Frame frame, Object... arguments) {
        pass(frame, arguments);
        return body.truth(frame);
    }

    private void pass(Frame frame, Object[] arguments) {
        frame.spend(cost);
        for (int i = 0; i < slots.length; i++) frame.set(slots[i], arguments[i]);
    }
}
