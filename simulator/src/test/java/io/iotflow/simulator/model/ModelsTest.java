package io.iotflow.simulator.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.protocol.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A workday is looked at as its devices report it: a Wednesday from midnight to midnight.
class ModelsTest {
    private static final Instant WEDNESDAY = Instant.parse("2026-01-07T00:00:00Z");
    private static final Instant SATURDAY = Instant.parse("2026-01-10T00:00:00Z");

    private record Sample(Instant time, Map<String, Value> values) {
        double number(String metric) {
            return switch (values.get(metric)) {
                case Value.Real(var number) -> number;
                case Value.Whole(var number) -> number;
                case Value.Flag(var on) -> on ? 1 : 0;
                case Value.Text _, Value.Sealed _ -> throw new AssertionError(metric + " is no number");
            };
        }

        double hour() {
            return Day.hour(time);
        }
    }

    private static List<Sample> day(DeviceType type, long seed, Instant midnight, Duration interval) {
        var timeline = new Timeline(type, "device", seed, midnight);
        var samples = new ArrayList<Sample>();
        for (var time = midnight; time.isBefore(midnight.plus(Duration.ofDays(1))); time = time.plus(interval)) {
            samples.add(new Sample(time, timeline.readingAt(time)));
        }
        return samples;
    }

    private static List<Sample> day(DeviceType type, long seed) {
        return day(type, seed, WEDNESDAY, Duration.ofSeconds(30));
    }

    private static double mean(List<Sample> samples, String metric, Predicate<Sample> when) {
        return samples.stream().filter(when).mapToDouble(sample -> sample.number(metric)).average().orElseThrow();
    }

    private static double correlation(List<Sample> samples, String one, String other) {
        var meanOne = mean(samples, one, _ -> true);
        var meanOther = mean(samples, other, _ -> true);
        double together = 0, spreadOne = 0, spreadOther = 0;
        for (var sample : samples) {
            var x = sample.number(one) - meanOne;
            var y = sample.number(other) - meanOther;
            together += x * y;
            spreadOne += x * x;
            spreadOther += y * y;
        }
        return together / Math.sqrt(spreadOne * spreadOther);
    }

    private static Predicate<Sample> between(double from, double to) {
        return sample -> sample.hour() >= from && sample.hour() < to;
    }

    private static void within(List<Sample> samples, String metric, double low, double high) {
        assertThat(samples).as(metric).allSatisfy(sample ->
                assertThat(sample.number(metric)).isBetween(low, high));
    }

    @ParameterizedTest
    @EnumSource
    void valuesStayInBelievableRanges(DeviceType type) {
        for (var seed = 1; seed <= 10; seed++) {
            var samples = day(type, seed);
            switch (type) {
                case TEMPERATURE -> {
                    within(samples, "temperature", 12, 32);
                    within(samples, "humidity", 15, 85);
                    within(samples, "battery", 45, 100);
                }
                case DOOR_LOCK -> {
                    within(samples, "openings", 0, 120);
                    within(samples, "battery", 45, 100);
                }
                case CAMERA -> {
                    within(samples, "motion_score", 0, 1);
                    within(samples, "bitrate_kbps", 300, 4_400);
                    within(samples, "storage_percent", 15, 100);
                }
                case AIR_QUALITY -> {
                    within(samples, "co2", 390, 2_500);
                    within(samples, "pm2_5", 0, 40);
                    within(samples, "humidity", 25, 70);
                    within(samples, "temperature", 15, 28);
                }
                case THERMOSTAT -> {
                    within(samples, "temperature", 15, 24);
                    within(samples, "setpoint", 16, 23);
                    within(samples, "outdoor_temperature", -6, 18);
                }
                case INDUSTRIAL_SENSOR -> {
                    within(samples, "load", 0, 100);
                    within(samples, "rpm", 0, 1_700);
                    within(samples, "vibration", 0, 8);
                    within(samples, "temperature", 18, 75);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyReadingOfATypeHasTheSameMetricsOfTheSameKind(DeviceType type) {
        var shapes = day(type, 3).stream().map(sample -> {
            var shape = new LinkedHashMap<String, Value.Type>();
            sample.values().forEach((metric, value) -> shape.put(metric, value.type()));
            return shape;
        }).distinct();
        assertThat(shapes).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void theSameSeedGivesTheSameValues(DeviceType type) {
        assertThat(day(type, 7)).isEqualTo(day(type, 7));
        assertThat(day(type, 7)).isNotEqualTo(day(type, 8));
    }

    @ParameterizedTest
    @EnumSource
    void valuesDependOnTheMomentAndNotOnHowOftenOneLooks(DeviceType type) {
        var seldom = day(type, 5, WEDNESDAY, Duration.ofMinutes(5));
        var often = day(type, 5, WEDNESDAY, Duration.ofSeconds(5));
        assertThat(IntStream.range(0, seldom.size()).mapToObj(i -> often.get(i * 60))).isEqualTo(seldom);
    }

    @ParameterizedTest
    @EnumSource
    void aSimulationThatStartsLaterOnTheDayAgrees(DeviceType type) {
        var noon = WEDNESDAY.plus(Duration.ofHours(12));
        var fromMidnight = new Timeline(type, "device", 5, WEDNESDAY);
        var fromNoon = new Timeline(type, "device", 5, noon);
        assertThat(fromNoon.readingAt(noon)).isEqualTo(fromMidnight.readingAt(noon));
    }

    @Test
    void twoDevicesOfOneFleetDiffer() {
        var one = new Timeline(DeviceType.TEMPERATURE, "home-temperature-1", 1, WEDNESDAY);
        var other = new Timeline(DeviceType.TEMPERATURE, "home-temperature-2", 1, WEDNESDAY);
        assertThat(one.readingAt(WEDNESDAY)).isNotEqualTo(other.readingAt(WEDNESDAY));
    }

    @Test
    void roomsAreWarmestInTheAfternoonAndDrierWhenWarmer() {
        for (var seed = 1; seed <= 10; seed++) {
            var samples = day(DeviceType.TEMPERATURE, seed);
            assertThat(mean(samples, "temperature", between(13, 17)))
                    .isGreaterThan(mean(samples, "temperature", between(1, 5)) + 1);
            assertThat(correlation(samples, "temperature", "humidity")).isLessThan(-0.6);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TEMPERATURE", "DOOR_LOCK"})
    void batteriesOnlyEmpty(DeviceType type) {
        var levels = day(type, 2).stream().map(sample -> sample.number("battery")).toList();
        assertThat(levels).isSortedAccordingTo((one, other) -> Double.compare(other, one));
        assertThat(levels.getLast()).isLessThan(levels.getFirst());
    }

    @Test
    void doorsOpenByDayAndRestLocked() {
        for (var seed = 1; seed <= 10; seed++) {
            var samples = day(DeviceType.DOOR_LOCK, seed);
            assertThat(samples.getLast().number("openings")).isGreaterThan(3);
            assertThat(mean(samples, "locked", _ -> true)).isGreaterThan(0.9);
            assertThat(mean(samples, "locked", between(6, 22))).isLessThan(mean(samples, "locked", between(0, 5)));
            assertThat(samples).noneMatch(sample -> sample.number("locked") == 1 && sample.number("door_open") == 1);
        }
    }

    @Test
    void motionComesInBurstsAndRaisesTheBitRate() {
        var samples = day(DeviceType.CAMERA, 4, WEDNESDAY, Duration.ofSeconds(5));
        var moving = mean(samples, "motion", _ -> true);
        assertThat(moving).isBetween(0.01, 0.5);
        assertThat(mean(samples, "bitrate_kbps", sample -> sample.number("motion") == 1))
                .isGreaterThan(2 * mean(samples, "bitrate_kbps", sample -> sample.number("motion") == 0));
        // Independent moments of motion would follow each other this rarely.
        var followed = IntStream.range(1, samples.size()).filter(i -> samples.get(i - 1).number("motion") == 1)
                .mapToDouble(i -> samples.get(i).number("motion")).average().orElseThrow();
        assertThat(followed).isGreaterThan(2 * moving);
        assertThat(mean(samples, "night_vision", between(0, 6))).isEqualTo(1);
        assertThat(mean(samples, "night_vision", between(9, 17))).isEqualTo(0);
    }

    @Test
    void carbonDioxideFollowsThePeopleInTheRoom() {
        for (var seed = 1; seed <= 10; seed++) {
            var samples = day(DeviceType.AIR_QUALITY, seed);
            assertThat(correlation(samples, "co2", "occupancy")).isGreaterThan(0.5);
            assertThat(mean(samples, "co2", between(1, 5))).isLessThan(600);
            assertThat(mean(samples, "co2", between(10, 12))).isGreaterThan(700);
        }
    }

    @Test
    void thermostatsHeatTowardsTheSetpointAndSwitchWithAHysteresis() {
        for (var seed = 1; seed <= 10; seed++) {
            var samples = day(DeviceType.THERMOSTAT, seed, WEDNESDAY, Duration.ofSeconds(5));
            for (var i = 1; i < samples.size(); i++) {
                var error = samples.get(i).number("temperature") - samples.get(i).number("setpoint");
                var slack = Thermostat.HYSTERESIS + 0.35;
                if (samples.get(i).number("heating") == 1) assertThat(error).isLessThan(slack);
                else assertThat(error).isGreaterThan(-slack);
            }
            var evening = samples.stream().filter(between(12, 22));
            assertThat(evening).allSatisfy(sample -> assertThat(sample.number("temperature"))
                    .isBetween(sample.number("setpoint") - 0.7, sample.number("setpoint") + 0.7));
            var switched = IntStream.range(1, samples.size())
                    .filter(i -> samples.get(i).number("heating") != samples.get(i - 1).number("heating")).count();
            assertThat(switched).isBetween(4L, 150L);
        }
    }

    @Test
    void machinesFollowTheirLoadInShiftsAndRestAtTheWeekend() {
        for (var seed = 1; seed <= 10; seed++) {
            var samples = day(DeviceType.INDUSTRIAL_SENSOR, seed);
            assertThat(correlation(samples, "load", "rpm")).isGreaterThan(0.95);
            assertThat(correlation(samples, "load", "vibration")).isGreaterThan(0.9);
            assertThat(correlation(samples, "load", "temperature")).isGreaterThan(0.7);
            assertThat(correlation(samples, "load", "power")).isGreaterThan(0.95);
            assertThat(mean(samples, "load", between(7, 9))).isGreaterThan(45);
            assertThat(mean(samples, "load", between(0, 5))).isLessThan(2);
        }
        var saturday = day(DeviceType.INDUSTRIAL_SENSOR, 1, SATURDAY, Duration.ofMinutes(1));
        assertThat(saturday).allSatisfy(sample -> assertThat(sample.number("running")).isEqualTo(0));
    }
}
