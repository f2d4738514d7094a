package io.iotflow.simulator;

import java.nio.file.Path;
import java.util.Optional;

/// How the devices come by their keys.
///
/// @param apiKey            the key of the fleet's only device, which then is not registered at all
/// @param registrationToken provisioning key, for a platform whose registration is by token
/// @param operatorToken     an operator's token: registers whatever the registration mode, and may rotate keys
/// @param autoSuffix        a taken name becomes `name-2`, `name-3`, …
/// @param forceRegister     forgets kept keys; a taken name gets a new key, which needs the operator's token
/// @param keyFile           where keys are kept for the next run
public record Access(Optional<String> apiKey, Optional<String> registrationToken, Optional<String> operatorToken,
                     boolean autoSuffix, boolean forceRegister, Path keyFile) {

    /// Open registration, names exactly as planned.
    public static Access open(Path keyFile) {
        return new Access(Optional.empty(), Optional.empty(), Optional.empty(), false, false, keyFile);
    }

    public Access withAutoSuffix() {
        return new Access(apiKey, registrationToken, operatorToken, true, forceRegister, keyFile);
    }

    public Access withForce() {
        return new Access(apiKey, registrationToken, operatorToken, autoSuffix, true, keyFile);
    }

    public Access withOperatorToken(String token) {
        return new Access(apiKey, registrationToken, Optional.of(token), autoSuffix, forceRegister, keyFile);
    }

    public Access withRegistrationToken(String token) {
        return new Access(apiKey, Optional.of(token), operatorToken, autoSuffix, forceRegister, keyFile);
    }

    public Access withApiKey(String key) {
        return new Access(Optional.of(key), registrationToken, operatorToken, autoSuffix, forceRegister, keyFile);
    }

    /// Secrets stay out of logs.
    @Override
    public String toString() {
        return "Access[autoSuffix=" + autoSuffix + ", forceRegister=" + forceRegister + ", keyFile=" + keyFile + "]";
    }
}
