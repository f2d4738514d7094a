package io.iotflow.server.rule;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.geo.TestGeofences;
import io.iotflow.server.http.Json;
import java.time.Instant;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// Which rules look at a device when there are too many.
class RuleBookTest {
    private static final OrganizationPath BRANCH = OrganizationPath.ROOT.child(7);

    private static RuleProgram program(long id, OrganizationPath organization) {
        ObjectNode document = Json.mapper().createObjectNode().put("name", "r" + id).put("condition", "t > 1");
        return RuleReader.program(new Rule(id, organization, "r" + id, Rule.Mode.ACTIVE, 1, document, Instant.EPOCH,
                Instant.EPOCH), TestGeofences.NONE);
    }

    @Test
    void theRulesOfABranchDoNotCrowdOutThoseAboveIt() {
        var programs = new ArrayList<RuleProgram>();
        for (var id = 1; id <= Limits.RULES_PER_DEVICE; id++) programs.add(program(id, BRANCH));
        programs.add(program(900, OrganizationPath.ROOT));
        var looking = new RuleBook(programs).of(new WatchedDevice(Story.device(BRANCH, "{}")));
        assertThat(looking).hasSize(Limits.RULES_PER_DEVICE);
        assertThat(looking.getFirst().rule().id()).isEqualTo(900);
        assertThat(looking.getLast().rule().id()).isEqualTo(Limits.RULES_PER_DEVICE - 1);
    }
}
