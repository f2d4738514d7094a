package io.iotflow.server.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.core.DeviceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Rollouts of a made-up fleet whose devices fail, dawdle and fall back as the seed says, worked off as
/// [RolloutWorker] does; a node may die between any two steps, since all it knows is what is kept.
class RolloutSimulationTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final int SEEDS = 1_500;
    private static final int MOST_STEPS = 20_000;

    private enum Device { WAITING, OFFERED, INSTALLING, INSTALLED, FAILED, CANCELLED, REVERTING, REVERTED, STUCK }

    @Test
    void whateverDevicesDoTheRulesHold() {
        var ends = new TreeMap<RolloutState, Integer>();
        for (int seed = 0; seed < SEEDS; seed++) ends.merge(new Run(seed).toItsEnd(), 1, Integer::sum);
        assertThat(ends.keySet()).contains(RolloutState.FINISHED, RolloutState.HALTED, RolloutState.ROLLED_BACK,
                RolloutState.ABORTED);
    }

    private static final class Run {
        private final Random random;
        private final String seed;
        private final Plan plan;
        private final double failing;
        private final Map<DeviceId, Integer> shares;
        private final Map<DeviceId, Device> devices = new TreeMap<>((a, b) -> Long.compare(a.value(), b.value()));
        private RolloutState state = RolloutState.SCHEDULED;
        private int stage;
        private boolean hasEnded;
        private boolean isStopped;

        Run(int seed) {
            this.random = new Random(seed);
            this.seed = "seed " + seed;
            failing = random.nextInt(4) * 0.08;
            var size = random.nextInt(60);
            plan = RolloutLifeTest.plan("{'stages':[" + stages() + "],'success_percent':" + (50 + random.nextInt(51))
                    + ",'error_percent':" + random.nextInt(30) + ",'rollback':" + random.nextBoolean() + "}");
            var ids = IntStream.rangeClosed(1, size).mapToObj(DeviceId::new).toList();
            shares = plan.shares(seed, ids);
            ids.forEach(id -> devices.put(id, Device.WAITING));
        }

        private String stages() {
            var stages = new ArrayList<String>();
            for (int i = random.nextInt(3); i > 0; i--) {
                stages.add(random.nextBoolean() ? "{'count':" + (1 + random.nextInt(9)) + "}"
                        : "{'percent':" + (1 + random.nextInt(50)) + "}");
            }
            stages.add("{}");
            return String.join(",", stages);
        }

        RolloutState toItsEnd() {
            for (int step = 0; step < MOST_STEPS; step++) {
                if (hasEnded && devices.values().stream().noneMatch(Run::isMoving)) {
                    checkEnd();
                    return state;
                }
                switch (random.nextInt(20)) {
                    case 0 -> person();
                    case 1, 2, 3, 4, 5 -> work();
                    default -> device();
                }
                checkCounts();
            }
            throw new AssertionError(seed + " does not end: " + state + " " + devices);
        }

        private static boolean isMoving(Device device) {
            return device == Device.OFFERED || device == Device.INSTALLING || device == Device.REVERTING;
        }

        private void person() {
            if (state == RolloutState.RUNNING && random.nextInt(3) == 0) state = RolloutState.PAUSED;
            else if (state == RolloutState.PAUSED) state = RolloutState.RUNNING;
            else if (state == RolloutState.RUNNING && random.nextInt(20) == 0) stop(RolloutState.ABORTED);
        }

        private void stop(RolloutState next) {
            state = next;
            isStopped = true;
        }

        private void device() {
            if (devices.isEmpty()) return;
            var id = List.copyOf(devices.keySet()).get(random.nextInt(devices.size()));
            var fails = random.nextDouble() < failing;
            switch (devices.get(id)) {
                case OFFERED -> devices.put(id, fails ? Device.FAILED : Device.INSTALLING);
                case INSTALLING -> devices.put(id, fails ? Device.FAILED : Device.INSTALLED);
                case REVERTING -> devices.put(id, fails ? Device.STUCK : Device.REVERTED);
                // Boots, and falls back.
                case INSTALLED -> {
                    if (fails && random.nextInt(10) == 0) devices.put(id, Device.FAILED);
                }
                case WAITING, FAILED, CANCELLED, REVERTED, STUCK -> { }
            }
        }

        private void work() {
            if (hasEnded) return;
            switch (RolloutLife.next(facts(), NOON)) {
                case Decision.Rest _ -> { }
                case Decision.Begin _ -> state = RolloutState.RUNNING;
                case Decision.Offer(var most) -> offer(Math.min(most, 1 + random.nextInt(10)));
                case Decision.NextStage _ -> {
                    var reached = counts().get(stage);
                    assertThat(reached.installed() * 100).as(seed + " the threshold of stage " + stage)
                            .isGreaterThanOrEqualTo(plan.stages().get(stage).successPercent() * reached.counting());
                    stage++;
                }
                case Decision.Halt _ -> stop(plan.rollback() ? RolloutState.ROLLING_BACK : RolloutState.HALTED);
                case Decision.Finish _ -> end(RolloutState.FINISHED);
                case Decision.Recall _ -> some(Device.OFFERED, Device.CANCELLED);
                case Decision.Revert _ -> some(Device.INSTALLED, Device.REVERTING);
                case Decision.End _ -> end(state == RolloutState.ROLLING_BACK ? RolloutState.ROLLED_BACK : state);
            }
        }

        private void end(RolloutState next) {
            state = next;
            hasEnded = true;
        }

        private void offer(int most) {
            assertThat(isStopped || state != RolloutState.RUNNING).as(seed + " offers while " + state).isFalse();
            devices.entrySet().stream().filter(it -> it.getValue() == Device.WAITING
                    && shares.get(it.getKey()) <= stage).limit(most).toList()
                    .forEach(it -> devices.put(it.getKey(), Device.OFFERED));
        }

        private void some(Device from, Device to) {
            devices.entrySet().stream().filter(it -> it.getValue() == from).limit(1 + random.nextInt(5)).toList()
                    .forEach(it -> devices.put(it.getKey(), to));
        }

        private RolloutLife.Facts facts() {
            return new RolloutLife.Facts(state, plan, stage, counts(), 0, count(Device.OFFERED),
                    state == RolloutState.ROLLING_BACK ? count(Device.INSTALLED) : 0, count(Device.REVERTING));
        }

        private long count(Device wanted) {
            return devices.values().stream().filter(it -> it == wanted).count();
        }

        private List<Counts> counts() {
            var counts = new ArrayList<Counts>();
            plan.stages().forEach(_ -> counts.add(Counts.NONE));
            devices.forEach((id, device) -> counts.set(shares.get(id), counts.get(shares.get(id)).plus(one(device))));
            return counts;
        }

        private static Counts one(Device device) {
            return switch (device) {
                case WAITING -> new Counts(1, 0, 0, 0, 0);
                case OFFERED, INSTALLING -> new Counts(0, 1, 0, 0, 0);
                case INSTALLED, REVERTING, REVERTED, STUCK -> new Counts(0, 0, 1, 0, 0);
                case FAILED -> new Counts(0, 0, 0, 1, 0);
                case CANCELLED -> new Counts(0, 0, 0, 0, 1);
            };
        }

        private void checkCounts() {
            assertThat(counts().stream().mapToLong(Counts::devices).sum()).as(seed).isEqualTo(devices.size());
            shares.forEach((id, share) -> {
                if (share > stage) assertThat(devices.get(id)).as(seed + " before its stage").isEqualTo(Device.WAITING);
            });
        }

        private void checkEnd() {
            switch (state) {
                case FINISHED -> assertThat(count(Device.WAITING)).as(seed).isZero();
                case HALTED, ABORTED -> assertThat(count(Device.OFFERED)).as(seed).isZero();
                case ROLLED_BACK -> assertThat(count(Device.INSTALLED)).as(seed + " all went back").isZero();
                default -> throw new AssertionError(seed + " ends as " + state);
            }
        }
    }
}
