package io.iotflow.server.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class DeviceNameTest {

    @Example
    void theseAreNames() {
        for (var name : new String[] {"a", "Sensor_1", "temp-1.roof:a", "Living Room 2", "_", "1a", "0123456789",
                "867530912345678", "a".repeat(128)}) {
            assertThat(DeviceName.problem(name)).as(name).isEmpty();
        }
    }

    @Example
    void theseAreNot() {
        check("", "must not be empty");
        check("a".repeat(129), "at most 128");
        for (var name : new String[] {"a/b", "a+b", "#", "a#", "$SYS", "a\tb", "a\nb", "a\0b", "ü", "a%b", "ı", "a\\b",
                "a*b", "${x}", "a\u00a0b", "<b>", "a'b", "\ud83d\ude00"}) {
            check(name, "may have only");
        }
        for (var name : new String[] {" a", "a ", ".", "..", "-a", "a.", ":"}) check(name, "must begin and end");
        check("a  b", "two spaces");
        check("7", "that is an id");
        check("000000007", "that is an id");
    }

    @Property
    void textIsAnIdOrANameButNeverBoth(@ForAll("digitsAndMore") String text) {
        var isName = DeviceName.problem(text).isEmpty();
        var isId = DeviceName.idOf(text).isPresent();
        assertThat(isName && isId).as(text).isFalse();
    }

    @Property
    void everyIdIsFoundAgainByItsText(@ForAll("ids") long id) {
        assertThat(DeviceName.idOf(Long.toString(id)).orElseThrow().value()).isEqualTo(id);
    }

    @Property
    void nameNeverHasWhatTopicsPathsAndLogsGiveAMeaning(@ForAll String text) {
        if (DeviceName.problem(text).isPresent()) return;
        assertThat(text).doesNotContainPattern("[/+#$*\\\\\\p{Cntrl}\\u0080-\\uffff]").isNotIn(".", "..");
    }

    @Provide
    Arbitrary<String> digitsAndMore() {
        return Arbitraries.strings().withChars("0123456789a -.").ofMaxLength(12);
    }

    @Provide
    Arbitrary<Long> ids() {
        return Arbitraries.longs().between(1, 999_999_999);
    }

    private static void check(String name, String problem) {
        assertThat(DeviceName.problem(name)).as(name).isNotEqualTo(Optional.empty());
        assertThat(DeviceName.problem(name).orElseThrow()).contains(problem);
    }
}
