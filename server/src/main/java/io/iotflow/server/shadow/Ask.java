package io.iotflow.server.shadow;

import java.util.Optional;

/// What a device wants of its shadow. With neither half to be changed it wants to see it.
///
/// @param token comes back with the answer; empty for none
record Ask(Optional<Wish> reported, Optional<Wish> desired, String token) {

    static Ask toSee(String token) {
        return new Ask(Optional.empty(), Optional.empty(), token);
    }

    static Ask toReport(Wish wish) {
        return new Ask(Optional.of(wish), Optional.empty(), wish.token());
    }

    boolean isToSee() {
        return reported.isEmpty() && desired.isEmpty();
    }
}
