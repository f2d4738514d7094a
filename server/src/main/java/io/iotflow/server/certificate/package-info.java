/// X.509: the server's own certificates. Plumbing: knows no feature.
///
/// Start reading at [TlsKeys]. Uses `core` only.
package io.iotflow.server.certificate;
