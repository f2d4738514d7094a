/// The heart of the audit trail: an append-only log that anyone can check without our server. A Merkle tree over its
/// entries (RFC 6962), kept in tiles; signed checkpoints; proofs; an export that a stranger can read, with its
/// verifier; and the core of a witness who remembers what the log has shown.
///
/// Start reading at [io.iotflow.ledger.MerkleTree], or at [io.iotflow.ledger.Verifier] for the other side. Uses the
/// JDK and nothing else, so that whoever verifies has little to trust.
package io.iotflow.ledger;
