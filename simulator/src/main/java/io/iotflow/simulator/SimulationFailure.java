package io.iotflow.simulator;

/// A simulation that cannot go on. The message is a sentence for the person who started it and says what to do.
public final class SimulationFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SimulationFailure(String sentence) {
        super(sentence, null, false, false);
    }
}
