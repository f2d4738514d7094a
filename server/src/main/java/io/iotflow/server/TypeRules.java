package io.iotflow.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.devicetype.RuleMaking;
import io.iotflow.server.http.Caller;
import io.iotflow.server.rule.RuleRoutes;
import io.iotflow.server.rule.Rules;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// The rules that come with device types.
record TypeRules(Rules rules) implements RuleMaking {
    @Override
    public void requirePermissions(Caller caller, ObjectNode document) {
        RuleRoutes.requirePermissions(caller, document);
    }

    @Override
    public void create(Handle handle, Actor by, OrganizationPath organization, ObjectNode document) {
        rules.create(handle, by, organization, document);
    }

    @Override
    public void taken() {
        rules.taken();
    }

    @Override
    public List<Named> of(OrganizationPath scope, String type) {
        return rules.ofType(scope, type, Limits.PAGE_DEFAULT).stream()
                .map(it -> new Named(it.id(), it.name())).toList();
    }
}
