package io.iotflow.server.geo;

import static org.assertj.core.api.Assertions.assertThat;

import io.iotflow.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TrackLineTest {

    @Test
    void keepsItsEndsItsOrderAndItsBoundWhateverComes() {
        for (var seed = 0; seed < 50; seed++) {
            var random = new Random(seed);
            var most = random.nextInt(2, 40);
            var count = random.nextInt(2, 2_000);
            var line = new TrackLine(most);
            for (var i = 0; i < count; i++) {
                line.add(new TrackLine.Step(i, random.nextInt(-90, 91), random.nextInt(-180, 181)));
            }
            var steps = line.steps();
            assertThat(line.taken()).isEqualTo(count);
            assertThat(steps).as("seed " + seed).hasSize(Math.min(most, count)).isSortedAccordingTo(
                    (one, other) -> Long.compare(one.timeMicros(), other.timeMicros()));
            assertThat(steps.getFirst().timeMicros()).isZero();
            assertThat(steps.getLast().timeMicros()).isEqualTo(count - 1);
        }
    }

    @Test
    void keepsTheCornersOfALongWay() {
        var line = new TrackLine(5);
        for (var i = 0; i < 100_000; i++) {
            var side = i / 25_000;
            var along = i % 25_000 / 25_000.0;
            var latitude = side == 0 ? along : side == 1 ? 1 : side == 2 ? 1 - along : 0;
            var longitude = side == 0 ? 0 : side == 1 ? along : side == 2 ? 1 : 1 - along;
            line.add(new TrackLine.Step(i, latitude, longitude));
        }
        assertThat(line.steps().stream().map(step -> Math.round(step.latitude() * 10) / 10.0 + ","
                + Math.round(step.longitude() * 10) / 10.0)).containsExactly("0.0,0.0", "1.0,0.0", "1.0,1.0", "0.0,1.0",
                "0.0,0.0");
    }

    @Test
    void metadataSayWhereADeviceIsUnderAnyOfTheUsualNames() {
        check("{'latitude':1,'longitude':2}", "1.0 2.0");
        check("{'lat':1,'lng':2}", "1.0 2.0");
        check("{'gps':{'lat':1,'lon':2}}", "1.0 2.0");
        check("{'position.latitude':1,'position.longitude':2}", "1.0 2.0");
        check("{'latitude':91,'longitude':2,'location':{'latitude':3,'longitude':4}}", "3.0 4.0");
        check("{'latitude':'1','longitude':'2'}", "nowhere");
        check("{'location':'Hall 2'}", "nowhere");
        check("{}", "nowhere");
    }

    private static void check(String metadata, String expected) {
        var json = Json.read(metadata.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        assertThat(Coordinates.in(json).map(point -> point.latitude() + " " + point.longitude()).orElse("nowhere"))
                .isEqualTo(expected);
    }
}
