/// The few doors that the broker keeps to its own package and that the platform needs: what may be added to a
/// connection's pipeline, telling it that a client is alive, and putting a message into the broker without a client.
/// Start reading at `BrokerDoors`. Written here, not copied; keep it as small as it is.
package org.apache.activemq.artemis.core.protocol.mqtt;
