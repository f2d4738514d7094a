package io.iotflow.simulator;

/// One device's open connection to the platform. What becomes of a message arrives as a [LinkEvent].
interface Link {

    void send(Message message);

    void heartbeat(byte[] payload);

    /// The device's own account of its state.
    void status(byte[] payload);

    /// @param topic below the device's root, such as `commands/17/result`
    void report(String topic, byte[] payload);

    /// Ends as a well-behaved device does.
    void close();

    /// Ends as a device does whose battery or network failed: the platform learns of it by the last will.
    void drop();

    /// Opens links for one device.
    interface Opener {
        /// Blocks until the platform has accepted the device.
        Link open(Identity identity) throws LinkException, InterruptedException;
    }

    /// A link that could not be opened.
    final class LinkException extends Exception {
        private static final long serialVersionUID = 1L;
        private final boolean keyRefused;

        LinkException(String why, boolean keyRefused) {
            super(why, null, false, false);
            this.keyRefused = keyRefused;
        }

        /// The platform answered, and does not know this device by this key.
        boolean isKeyRefused() {
            return keyRefused;
        }
    }
}
