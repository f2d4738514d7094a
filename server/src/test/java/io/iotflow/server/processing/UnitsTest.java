package io.iotflow.server.processing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnitsTest {

    private static double converted(double value, String from, String to) {
        return Units.conversion(Units.unit(from), Units.unit(to)).apply(value);
    }

    private static void check(double value, String from, double expected, String to) {
        assertThat(converted(value, from, to)).as(from + " to " + to)
                .isCloseTo(expected, within(1e-9 * Math.max(1, Math.abs(expected))));
    }

    @Test
    void whatPeopleWriteIsUnderstood() {
        check(68, "°F", 20, "°C");
        check(212, "°F", 100, "°C");
        check(-40, "°C", -40, "°F");
        check(20, "C", 293.15, "K");
        check(30, "psi", 2068.427187950508, "hPa");
        check(29.92, "inHg", 1013.20453696, "mbar");
        check(60, "mph", 26.8224, "m/s");
        check(10, "kn", 18.52, "km/h");
        check(36, "km/h", 10, "m/s");
        check(1, "ft", 0.3048, "m");
        check(1500, "Wh", 1.5, "kWh");
        check(1, "kWh", 3.6, "MJ");
        check(2, "gal", 7.570823568, "L");
        check(50, "%", 500_000, "ppm");
        check(1, "mg/m³", 1000, "µg/m³");
        check(180, "°", Math.PI, "rad");
        check(12, "V", 12_000, "mV");
        check(1, "ppm", 1000, "ppb");
    }

    @Test
    void freezingAndBoilingAreExact() {
        assertThat(converted(32, "°F", "°C")).isEqualTo(0.0);
        assertThat(converted(212, "°F", "°C")).isEqualTo(100.0);
        assertThat(converted(98.6, "°F", "°C")).isEqualTo(37.0);
    }

    @Test
    void codesOfUcumAreUnderstoodToo() {
        check(50, "[degF]", 10, "Cel");
        check(1, "[acr_us]", 4046.872609874252, "m2");
    }

    @Test
    void everySymbolOfTheTableIsAUnit() {
        for (var symbol : Units.known()) assertThat(Units.unit(symbol)).as(symbol).isNotNull();
    }

    @Test
    void unknownUnitsAreRefusedWithWhatIsNearest() {
        assertThatThrownBy(() -> Units.unit("°f")).hasMessageContaining("°F");
        assertThatThrownBy(() -> Units.unit("celcius")).hasMessageContaining("celsius");
        assertThatThrownBy(() -> Units.unit("farenheit")).hasMessageContaining("fahrenheit");
        assertThatThrownBy(() -> Units.unit("kmph")).hasMessageContaining("kph");
    }

    @Test
    void whatIsNoStraightLineIsRefused() {
        assertThatThrownBy(() -> converted(7, "[pH]", "mol/L")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("derive it by an expression");
        assertThatThrownBy(() -> converted(1, "kg", "m")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("something else");
        assertThatThrownBy(() -> converted(1, "m", "m/0")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void hostileTextIsRefusedQuickly() {
        var began = System.nanoTime();
        for (var text : List.of("", " ", "km999999999", "m".repeat(100_000), "(".repeat(31), "1/0", "[", "\u0000",
                "10*999999999", "km99.km99.km99", "'".repeat(30), "\ud800")) {
            try {
                Units.conversion(Units.unit(text), Units.unit("m"));
            } catch (IllegalArgumentException refused) {
                assertThat(refused.getMessage()).as(text).hasSizeLessThan(300);
            }
        }
        var random = new Random(7);
        var signs = "mkgsKCel[]_deg/.*0123456789(){}'%°µ".toCharArray();
        for (var n = 0; n < 2_000; n++) {
            var text = new StringBuilder();
            for (var i = random.nextInt(32); i >= 0; i--) text.append(signs[random.nextInt(signs.length)]);
            try {
                Units.conversion(Units.unit(text.toString()), Units.unit("m"));
            } catch (IllegalArgumentException refused) {
                // as it should
            }
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    }
}
