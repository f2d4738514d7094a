package io.iotflow.server.certificate;

import java.math.BigInteger;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Optional;

/// Which keys devices may have. What is larger than needed is refused as well: verifying it would cost us time.
final class DeviceKeys {
    private static final int RSA_SHORTEST = 2_048;
    private static final int RSA_LONGEST = 4_096;
    private static final BigInteger RSA_SMALLEST_EXPONENT = BigInteger.valueOf(65_537);
    private static final int RSA_EXPONENT_BITS = 32;
    private static final String ALLOWED = "use EC P-256 or P-384, Ed25519, or RSA of " + RSA_SHORTEST + " to "
            + RSA_LONGEST + " bits";

    private DeviceKeys() {}

    /// What is wrong with the key, as the end of a sentence; empty when nothing is.
    static Optional<String> problem(PublicKey key) {
        return switch (key) {
            case RSAPublicKey rsa -> rsaProblem(rsa.getModulus(), rsa.getPublicExponent());
            case ECPublicKey ec -> isAllowed(ec) ? Optional.empty() : refusal("has a key on a curve that is not taken");
            case EdECPublicKey ed when ed.getParams().getName().equals("Ed25519") -> Optional.empty();
            default -> refusal("has a key of a kind that is not taken");
        };
    }

    static Optional<String> rsaProblem(BigInteger modulus, BigInteger exponent) {
        if (modulus.bitLength() < RSA_SHORTEST || modulus.bitLength() > RSA_LONGEST) {
            return refusal("has an RSA key of " + modulus.bitLength() + " bits");
        }
        if (exponent.compareTo(RSA_SMALLEST_EXPONENT) < 0 || exponent.bitLength() > RSA_EXPONENT_BITS
                || !exponent.testBit(0)) return refusal("has an RSA key with an unusual exponent");
        return Optional.empty();
    }

    /// Of the curves that Java knows by name, one field size means one curve.
    private static boolean isAllowed(ECPublicKey key) {
        var name = key.getParams().toString();
        return name.contains("secp256r1") || name.contains("secp384r1");
    }

    private static Optional<String> refusal(String what) {
        return Optional.of(what + "; " + ALLOWED);
    }
}
