/// What every feature shares and nothing else: failures with their codes, limits, typed ids, closing.
/// Uses the JDK only.
package io.iotflow.server.core;
