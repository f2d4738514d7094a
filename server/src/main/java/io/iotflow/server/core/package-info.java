/// What every feature shares and nothing else: failures with their codes, limits, typed ids, closing.
/// Start reading at `ErrorCode`. Uses the JDK only.
package io.iotflow.server.core;
