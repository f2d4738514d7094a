package io.iotflow.server.devicetype;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.http.Caller;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// The alert rules that come with a type. Once made they are rules like all others, and live on when the type goes.
public interface RuleMaking {

    /// @param id its number
    record Named(long id, String name) {}

    /// @throws io.iotflow.server.core.PlatformException `FORBIDDEN` when a rule does what its maker may not do
    void requirePermissions(Caller caller, ObjectNode document);

    /// In the transaction that keeps the type.
    void create(Handle handle, Actor by, OrganizationPath organization, ObjectNode document);

    /// When it has ended well.
    void taken();

    /// Those whose scope names the type.
    List<Named> of(OrganizationPath scope, String type);
}
