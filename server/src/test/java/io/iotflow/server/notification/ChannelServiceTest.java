package io.iotflow.server.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.iotflow.server.core.Actor;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.SharedDatabase;
import org.junit.jupiter.api.Test;

/// Whose rules may name which channels.
class ChannelServiceTest {

    private static OrganizationPath organization(OrganizationPath parent) {
        return SharedDatabase.open().transaction(OrganizationPath.ROOT, handle -> {
            var id = handle.createQuery("SELECT nextval(pg_get_serial_sequence('organizations', 'id'))")
                    .mapTo(Long.class).one();
            handle.createUpdate("""
                    INSERT INTO organizations (id, path, parent, name, created_at) OVERRIDING SYSTEM VALUE
                    VALUES (:id, :path, :parent, :path, now())""").bind("id", id)
                    .bind("path", parent.child(id).text()).bind("parent", parent.text()).execute();
            return parent.child(id);
        });
    }

    @Test
    void aChannelServesItsOrganizationAndThoseBelow() {
        try (var outbox = TestOutbox.open()) {
            var ours = organization(OrganizationPath.ROOT);
            var below = organization(ours);
            var theirs = organization(OrganizationPath.ROOT);
            var channel = outbox.channels.create(Actor.PLATFORM, ours, "ours", "in_app",
                    JsonNodeFactory.instance.objectNode());
            check(outbox, ours, channel);
            check(outbox, below, channel);
            for (var other : java.util.List.of(theirs, OrganizationPath.ROOT)) {
                assertThatThrownBy(() -> check(outbox, other, channel)).isInstanceOfSatisfying(PlatformException.class,
                        refusal -> assertThat(refusal.errors().getFirst().field()).isEqualTo("escalation[0].channels"));
            }
        }
    }

    /// In a transaction of the rule's own organization, as its author's is.
    private static void check(TestOutbox outbox, OrganizationPath organization, Channel channel) {
        var policy = Policy.of(TestOutbox.json("{\"escalation\":[{\"after\":\"5m\",\"channels\":[" + channel.id()
                + "]}]}"));
        outbox.database.transaction(organization, handle -> {
            outbox.notices.check(handle, organization, policy);
            return null;
        });
    }
}
