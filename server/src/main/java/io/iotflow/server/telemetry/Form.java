package io.iotflow.server.telemetry;

import io.iotflow.protocol.Value;
import io.iotflow.protocol.Value.Flag;
import io.iotflow.protocol.Value.Real;
import io.iotflow.protocol.Value.Whole;

/// How a value that is not text is kept: as a double, which every aggregate reads, and a short, its form, which gives
/// back exactly what was sent: 5 as 5, 5.0 as 5.0, true as true, and whole numbers beyond 2^53 to the last digit.
///
/// The lowest two bits of the form say what the value was; the others hold, for a whole number, what its double lost.
/// A double is off by at most 512 there (half the distance between neighbours below 2^63), so 14 bits hold it.
final class Form {
    /// Nothing is kept here any more.
    static final short ERASED = 0;

    private static final int REAL = 1;
    private static final int WHOLE = 2;
    private static final int FLAG = 3;
    private static final int KIND_BITS = 2;
    private static final int KIND_MASK = 3;
    private static final double TWO_TO_63 = 0x1p63;

    private Form() {}

    static short of(Real real) {
        return REAL;
    }

    static short of(Whole whole) {
        return (short) ((whole.number() - whole((double) whole.number())) << KIND_BITS | WHOLE);
    }

    static short of(Flag flag) {
        return FLAG;
    }

    static Value value(double number, short form) {
        return switch (form & KIND_MASK) {
            case REAL -> new Real(number);
            case WHOLE -> new Whole(whole(number) + (form >> KIND_BITS));
            case FLAG -> new Flag(number != 0);
            default -> throw new IllegalStateException("BUG: form=" + form + " is not a value");
        };
    }

    /// 2^63 itself is no long: it wraps here and wraps back when the rest is added.
    private static long whole(double number) {
        return number == TWO_TO_63 ? Long.MIN_VALUE : (long) number;
    }
}
