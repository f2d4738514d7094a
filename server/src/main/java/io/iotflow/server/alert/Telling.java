package io.iotflow.server.alert;

import io.iotflow.server.notification.Notice;
import org.jdbi.v3.core.Handle;

/// Takes what there is to tell about an alert, in the transaction that changes it: neither is kept without the other.
@FunctionalInterface
public interface Telling {
    void tell(Handle handle, Notice notice);
}
