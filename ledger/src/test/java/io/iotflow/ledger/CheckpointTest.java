package io.iotflow.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class CheckpointTest {
    /// The text of the example in C2SP tlog-checkpoint.
    private static final String TEXT = """
            example.com/behind-the-sofa
            20852163
            CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
            """;

    @Test
    void readsTheExampleOfTheSpecification() {
        var checkpoint = Checkpoint.parse(TEXT);
        assertThat(checkpoint.origin()).isEqualTo("example.com/behind-the-sofa");
        assertThat(checkpoint.size()).isEqualTo(20_852_163);
        assertThat(checkpoint.root()).hasToString("0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62");
        assertThat(checkpoint.text()).isEqualTo(TEXT);
        assertThat(Checkpoint.parse(TEXT + "more\nand more\n").extensions()).containsExactly("more", "and more");
    }

    @Test
    void refusesWhatIsNotACheckpoint() {
        for (var text : List.of("", "\n", "\n\n\n", TEXT.strip(), TEXT + "\n", "\n" + TEXT, TEXT + "\nmore\n",
                TEXT + "more", TEXT.replace("20852163", "020852163"), TEXT.replace("20852163", "+20852163"),
                TEXT.replace("20852163", "-1"), TEXT.replace("20852163", ""), TEXT.replace("20852163", "0x10"),
                TEXT.replace("20852163", "281474976710657"), TEXT.replace("20852163", "9".repeat(30)),
                TEXT.replace("20852163", "\u0661"), TEXT.replace("20852163", "00"), TEXT.replace("=", ""),
                TEXT.replace("2I=", "2J="), TEXT.replace("CsUY", ""), TEXT.replace("CsUY", "CsU Y"),
                TEXT.replace("\n", "\r\n"), TEXT.replace("sofa", "so\tfa"))) {
            assertThatIllegalArgumentException().as(text).isThrownBy(() -> Checkpoint.parse(text));
        }
    }

    @Test
    void onlyTheLogsOwnKeyOpensIt() {
        var key = SigningKey.generate("iotflow.example/audit");
        var checkpoint = new Checkpoint("iotflow.example/audit", 0, Hash.EMPTY);
        var note = SignedNote.parse(checkpoint.sign(key).bytes());
        assertThat(Checkpoint.open(note, key.verifier())).isEqualTo(checkpoint);

        var sameName = SigningKey.generate("iotflow.example/audit");
        var otherName = SigningKey.generate("iotflow.example/other");
        for (var other : List.of(sameName, otherName)) {
            assertThatIllegalArgumentException().isThrownBy(() -> Checkpoint.open(note, other.verifier()));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> checkpoint.sign(otherName));
        var foreign = SignedNote.sign(checkpoint.text(), otherName);
        assertThatIllegalArgumentException().isThrownBy(() -> Checkpoint.open(foreign, otherName.verifier()))
                .withMessageContaining("is not that of the log");
        var cosigned = foreign.signedAlsoBy(key);
        assertThat(Checkpoint.open(cosigned, key.verifier())).isEqualTo(checkpoint);
    }
}
