package io.iotflow.server.alert;

import static io.iotflow.server.alert.Watched.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.server.core.ErrorCode;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.PlatformException;
import java.util.List;
import org.junit.jupiter.api.Test;

class LifeTest {
    private static final Life BEGUN = Life.begun(at(0), "hot");

    private static Life after(Act... acts) {
        var life = BEGUN;
        for (var act : acts) life = life.after(act).life();
        return life;
    }

    private static void check(Life life, Act act, AlertState state, String... kinds) {
        var step = life.after(act);
        assertThat(step.life().state()).as(act.toString()).isEqualTo(state);
        assertThat(step.happened().stream().map(it -> it.kind().word())).as(act.toString()).containsExactly(kinds);
    }

    private static Act acknowledge() {
        return new Act.Acknowledge("anna", at(50));
    }

    private static Act resolve() {
        return new Act.Resolve("anna", at(60), "");
    }

    @Test
    void itMovesTowardsResolvedOnly() {
        check(BEGUN, acknowledge(), AlertState.ACKNOWLEDGED, "acknowledged");
        check(BEGUN, resolve(), AlertState.RESOLVED, "resolved");
        check(after(acknowledge()), resolve(), AlertState.RESOLVED, "resolved");
        check(BEGUN, new Act.Cease(at(1), true), AlertState.RESOLVED, "resolved");
        check(after(acknowledge()), new Act.Cease(at(1), true), AlertState.RESOLVED, "resolved");
        check(BEGUN, new Act.Cease(at(1), false), AlertState.ACTIVE, "cleared");
        check(after(resolve()), new Act.Recur(at(100), ""), AlertState.RESOLVED);
    }

    @Test
    void whatIsSoAlreadyChangesNothing() {
        check(after(acknowledge()), acknowledge(), AlertState.ACKNOWLEDGED);
        check(after(resolve()), resolve(), AlertState.RESOLVED);
        check(BEGUN, new Act.Assign("anna", at(1), ""), AlertState.ACTIVE);
        check(BEGUN, new Act.Judge("anna", at(1), false, ""), AlertState.ACTIVE);
        check(after(new Act.Cease(at(1), false)), new Act.Cease(at(2), false), AlertState.ACTIVE);
        check(BEGUN, new Act.Recur(at(0), ""), AlertState.ACTIVE);
        assertThat(BEGUN.after(new Act.Continue(at(0), 5, "late")).life()).isEqualTo(BEGUN);
        assertThat(BEGUN.after(new Act.Cease(at(-1), true)).life()).as("an end of one before").isEqualTo(BEGUN);
    }

    @Test
    void aResolvedOneIsNeitherAcknowledgedNorAssigned() {
        for (var act : List.of(acknowledge(), new Act.Assign("anna", at(70), "ben"))) {
            assertThatThrownBy(() -> after(resolve()).after(act))
                    .isInstanceOfSatisfying(PlatformException.class, e -> assertThat(e.code())
                            .isEqualTo(ErrorCode.CONFLICT))
                    .hasMessageContaining("resolved by anna at " + at(60))
                    .hasMessageContaining("wait for the next one");
        }
        check(after(resolve()), new Act.Comment("anna", at(70), "hm"), AlertState.RESOLVED, "commented");
        check(after(resolve()), new Act.Judge("anna", at(70), true, ""), AlertState.RESOLVED, "marked_false_positive");
    }

    @Test
    void whatIsResolvedByHandWhileItGoesOnIsClearedByItsRuleLater() {
        var resolved = after(resolve());
        assertThat(resolved.clearedAt()).isEmpty();
        check(resolved, new Act.Cease(at(80), true), AlertState.RESOLVED, "cleared");
        assertThat(resolved.after(new Act.Cease(at(80), true)).life().resolved()).isEqualTo(resolved.resolved());
    }

    @Test
    void aHistoryThatIsFullCountsOnly() {
        var life = after(new Act.Continue(at(1), Limits.ALERT_EVENTS, "hot"), new Act.Cease(at(2), false));
        check(life, new Act.Recur(at(3), "hot"), AlertState.ACTIVE);
        assertThat(life.after(new Act.Recur(at(3), "hot")).life().occurrences()).isEqualTo(Limits.ALERT_EVENTS + 2);
    }
}
