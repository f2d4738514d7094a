package io.iotflow.server.language;

/// Variables live in slots of the frame. A function that is passed on never calls itself, so each has one slot.
final class Variables {
    private Variables() {}

    static final class Read extends Code {
        private final int slot;

        Read(int slot, Kind kind) {
            super(kind);
            this.slot = slot;
        }

        @Override
        Object value(Frame frame) {
            return frame.get(slot);
        }

        @Override
        double number(Frame frame) {
            return frame.number(slot);
        }

        @Override
        double quick(Frame frame) {
            return frame.quick(slot);
        }
    }

    /// Computes, keeps, and goes on.
    static final class Declare extends Code {
        private final int slot;
        private final Code initial;
        private final Code rest;

        Declare(int slot, Code initial, Code rest) {
            super(rest.kind);
            this.slot = slot;
            this.initial = initial;
            this.rest = rest;
        }

        private void keep(Frame frame) {
            store(slot, initial, frame);
        }

        @Override
        Object value(Frame frame) {
            keep(frame);
            return rest.value(frame);
        }

        @Override
        double number(Frame frame) {
            keep(frame);
            return rest.number(frame);
        }

        @Override
        boolean truth(Frame frame) {
            keep(frame);
            return rest.truth(frame);
        }
    }

    private static void store(int slot, Code code, Frame frame) {
        var number = code.quick(frame);
        if (number == number || code.kind == Kind.NUMBER) frame.set(slot, number);
        else frame.set(slot, code.value(frame));
    }

    static final class Assign extends Code {
        private final int slot;
        private final Code assigned;

        Assign(int slot, Code assigned) {
            super(Kind.ANY);
            this.slot = slot;
            this.assigned = assigned;
        }

        @Override
        Object value(Frame frame) {
            store(slot, assigned, frame);
            return frame.get(slot);
        }
    }

    /// Computes for the sake of an assignment, and goes on.
    static final class Then extends Code {
        private final Code first;
        private final Code rest;

        Then(Code first, Code rest) {
            super(rest.kind);
            this.first = first;
            this.rest = rest;
        }

        @Override
        Object value(Frame frame) {
            first.value(frame);
            return rest.value(frame);
        }

        @Override
        double number(Frame frame) {
            first.value(frame);
            return rest.number(frame);
        }

        @Override
        boolean truth(Frame frame) {
            first.value(frame);
            return rest.truth(frame);
        }
    }

    /// What follows an `if`, which is compiled after its branches.
    static final class Rest extends Code {
        private Code code;

        Rest() {
            super(Kind.ANY);
        }

        void is(Code rest) {
            code = rest;
        }

        @Override
        Object value(Frame frame) {
            return code.value(frame);
        }

        @Override
        double number(Frame frame) {
            return code.number(frame);
        }

        @Override
        boolean truth(Frame frame) {
            return code.truth(frame);
        }
    }
}
