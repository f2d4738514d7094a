package io.iotflow.server.processing;

import io.iotflow.server.core.Spelling;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.measure.IncommensurableException;
import javax.measure.Unit;
import javax.measure.UnitConverter;
import systems.uom.ucum.format.UCUMFormat;
import tech.units.indriya.function.RationalNumber;

/// Units by the symbols that people write and by their UCUM codes.
public final class Units {
    private static final int CHARACTERS = 32;
    private static final int SUGGESTIONS = 3;
    /// A long run of digits would be a power that takes the memory of the machine to compute.
    private static final Pattern HUGE = Pattern.compile("[0-9]{3}");
    private static final double[] PROBES = {-1e6, -40, 0.5, 37, 1e4};
    private static final double EXACTNESS = 1e-9;

    /// What people write, and UCUM's code for it.
    private static final Map<String, String> COMMON = common("""
            °C Cel|C Cel|℃ Cel|celsius Cel|°F [degF]|F [degF]|℉ [degF]|fahrenheit [degF]|kelvin K
            psi [psi]|mmHg mm[Hg]|inHg [in_i'Hg]|inH2O [in_i'H2O]|mbar mbar|atm atm|Torr mm[Hg]
            ft [ft_i]|in [in_i]|inch [in_i]|yd [yd_i]|mi [mi_i]|mile [mi_i]|nmi [nmi_i]|µm um|μm um
            mph [mi_i]/h|kn [kn_i]|kt [kn_i]|kmh km/h|kph km/h|ft/s [ft_i]/s|ft/min [ft_i]/min
            m² m2|m³ m3|ft² [sft_i]|ft³ [cft_i]|ha har|l L|ml mL|gal [gal_us]|gallon [gal_us]|gpm [gal_us]/min
            cfm [cft_i]/min|m³/h m3/h|lb [lb_av]|lbs [lb_av]|oz [oz_av]|tonne t|ton [ston_av]|µg ug|μg ug
            Wh W.h|kWh kW.h|MWh MW.h|BTU [Btu]|hp [HP]|Ah A.h|mAh mA.h|VA V.A|Ω Ohm|kΩ kOhm|ohm Ohm
            ppm [ppm]|ppb [ppb]|° deg|degree deg|rpm /min|µg/m³ ug/m3|μg/m³ ug/m3|ug/m³ ug/m3|mg/m³ mg/m3
            g/m³ g/m3|kg/m³ kg/m3|W/m² W/m2|µS/cm uS/cm|μS/cm uS/cm|m/s² m/s2|sec s|hour h|day d""");
    /// Further codes worth suggesting.
    private static final List<String> CODES = List.of("K", "Pa", "hPa", "kPa", "bar", "mm", "cm", "m", "km", "m/s",
            "km/h", "L", "mL", "g", "kg", "t", "W", "kW", "J", "kJ", "cal", "A", "mA", "V", "mV", "Hz", "lx", "%",
            "rad", "s", "min", "h", "d", "[ppm]");

    /// `value * multiplier + offset`
    record Conversion(double multiplier, double offset) {
        double apply(double value) {
            return Math.fma(value, multiplier, offset);
        }
    }

    private Units() {}

    private static Map<String, String> common(String table) {
        var codes = new TreeMap<String, String>();
        for (var entry : table.split("[|\n]")) {
            var space = entry.indexOf(' ');
            codes.put(entry.substring(0, space), entry.substring(space + 1));
        }
        return codes;
    }

    /// @throws IllegalArgumentException with what to write instead, to follow the field's name
    public static void check(String text) {
        unit(text);
    }

    /// @throws IllegalArgumentException with what to write instead, to follow the field's name
    static Unit<?> unit(String text) {
        try {
            if (text.length() <= CHARACTERS && !HUGE.matcher(text).find()) {
                return UCUMFormat.getInstance(UCUMFormat.Variant.CASE_SENSITIVE)
                        .parse(COMMON.getOrDefault(text, text));
            }
        } catch (RuntimeException | Error _) {
            // The parser has several ways of saying no, of which some are errors.
        }
        throw new IllegalArgumentException("is no unit that is known here; write " + suggestions(text)
                + ", or another UCUM code");
    }

    /// @throws IllegalArgumentException when one cannot become the other by multiplying and adding
    static Conversion conversion(Unit<?> from, Unit<?> to) {
        try {
            var converter = from.getConverterToAny(to);
            var offset = exact(converter, BigDecimal.ZERO);
            var multiplier = exact(converter, BigDecimal.ONE).subtract(offset).doubleValue();
            var found = new Conversion(multiplier, offset.doubleValue());
            if (isStraight(converter, found)) return found;
        } catch (IncommensurableException _) {
            throw new IllegalArgumentException("measures something else than the unit to convert from; "
                    + "choose two units of the same quantity");
        } catch (ArithmeticException | NumberFormatException _) {
            // No straight line: said below.
        }
        throw new IllegalArgumentException("is no multiple of the unit to convert from; derive it by an expression");
    }

    /// Every symbol that is no code of UCUM's.
    static Set<String> known() {
        return COMMON.keySet();
    }

    private static BigDecimal exact(UnitConverter converter, BigDecimal value) {
        return switch (converter.convert(value)) {
            case BigDecimal decimal -> decimal;
            case RationalNumber rational -> rational.bigDecimalValue();
            case Number other -> BigDecimal.valueOf(other.doubleValue());
        };
    }

    private static boolean isStraight(UnitConverter converter, Conversion found) {
        if (!Double.isFinite(found.multiplier) || found.multiplier == 0 || !Double.isFinite(found.offset)) return false;
        for (var probe : PROBES) {
            var wanted = converter.convert(probe);
            var off = Math.abs(found.apply(probe) - wanted);
            // A wanted NaN compares false.
            if (!(off <= EXACTNESS * Math.max(Math.abs(wanted), Math.abs(found.offset)))) return false;
        }
        return true;
    }

    private static String suggestions(String text) {
        var wish = text.substring(0, Math.min(text.length(), CHARACTERS));
        return Stream.concat(COMMON.keySet().stream(), CODES.stream()).distinct()
                .sorted(Comparator.comparingDouble((String known) -> Spelling.distance(wish, known))
                        .thenComparing(known -> known))
                .limit(SUGGESTIONS).collect(Collectors.joining(", "));
    }
}
