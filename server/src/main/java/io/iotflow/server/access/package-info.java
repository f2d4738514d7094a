/// Who may operate the platform. Start reading at `AdminToken`. Uses `core` and `http`.
package io.iotflow.server.access;
