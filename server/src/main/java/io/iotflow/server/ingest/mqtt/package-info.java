/// MQTT 3.1.1 and 5.0. The broker (Apache ActiveMQ Artemis, embedded) keeps sessions, subscriptions, retained messages
/// and wills; what devices publish never enters it unless somebody subscribes: `MqttGate`, a handler in front of the
/// broker's own on every connection, takes it to `Ingest` and acknowledges it when it is on disk.
///
/// Start reading at `MqttListener`, then `MqttPorts` and `MqttGate`. `TopicAccess` says who may use which topic and is
/// pure. May use `core`, `http`, `device`, `journal`, `limits`, `certificate` and `ingest`.
package io.iotflow.server.ingest.mqtt;
