/// Who may operate the platform: organizations, users and their roles, sessions, service tokens, and the operator's own
/// token. Start reading at `Users` and `Sessions`; for users whom somebody else vouches for at `Outsiders`, which
/// `OidcSignIn` and `Directory` lead to. Uses `core`, `database`, `audit`, `encryption` and `http`.
package io.iotflow.server.access;
