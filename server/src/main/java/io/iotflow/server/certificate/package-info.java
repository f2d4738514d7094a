/// X.509: the server's own certificates ([TlsKeys]), the authority that issues certificates to devices
/// ([CertificateAuthority]) and whose certificates are taken ([ClientTrust]). Which certificate is whose is the affair
/// of `device`. Plumbing: knows no feature.
///
/// Start reading at [CertificateAuthority]. Uses `core` only.
package io.iotflow.server.certificate;
