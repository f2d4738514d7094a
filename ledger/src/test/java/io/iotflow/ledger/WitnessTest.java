package io.iotflow.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.iotflow.ledger.Judgement.Advanced;
import io.iotflow.ledger.Judgement.Invalid;
import io.iotflow.ledger.Judgement.Rewritten;
import io.iotflow.ledger.Judgement.Unchanged;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WitnessTest {
    private final TestLog log = TestLog.of(500);

    @TempDir
    private Path folder;
    private Witness witness;

    @BeforeEach
    void begin() {
        witness = new Witness(folder, List.of(log.key.verifier()));
    }

    private Judgement judge(TestLog of, long old, long size) throws IOException {
        return witness.judge(of.checkpoint(size).bytes(), of.tree.consistencyProof(old, size));
    }

    private long kept() throws IOException {
        return new Witness(folder, List.of(log.key.verifier())).last(TestLog.ORIGIN).orElseThrow().size();
    }

    @Test
    void remembersALogThatGrows() throws IOException {
        assertThat(witness.last(TestLog.ORIGIN)).isEmpty();
        assertThat(judge(log, 0, 10)).isInstanceOf(Advanced.class);
        assertThat(judge(log, 10, 10)).isInstanceOf(Unchanged.class);
        assertThat(judge(log, 10, 300)).isInstanceOf(Advanced.class);
        assertThat(kept()).isEqualTo(300);
        witness = new Witness(folder, List.of(log.key.verifier()));
        assertThat(judge(log, 300, 500)).isInstanceOf(Advanced.class);
        assertThat(witness.last(TestLog.ORIGIN)).contains(new Checkpoint(TestLog.ORIGIN, 500, log.tree.root(500)));
    }

    @Test
    void anEmptyLogIsALogToo() throws IOException {
        assertThat(judge(log, 0, 0)).isInstanceOf(Advanced.class);
        assertThat(judge(log, 0, 0)).isInstanceOf(Unchanged.class);
        assertThat(judge(log, 0, 500)).isInstanceOf(Advanced.class);
        var odd = new Witness(folder.resolve("other"), List.of(log.key.verifier()));
        var lie = new Checkpoint(TestLog.ORIGIN, 0, log.tree.root(3)).sign(log.key);
        assertThat(odd.judge(lie.bytes(), List.of())).isInstanceOf(Invalid.class);
    }

    @Test
    void aLogThatWasRewrittenIsCaughtAndTheEvidenceKept() throws IOException {
        judge(log, 0, 400);
        var fork = new TestLog(log.key, 300);
        fork.append(300, "forged");
        for (long size : new long[] {300, 399, 400, 401, 600}) {
            var judged = witness.judge(fork.checkpoint(size).bytes(),
                    size < 400 ? List.of() : fork.tree.consistencyProof(400, size));
            assertThat(judged).isInstanceOfSatisfying(Rewritten.class, rewritten -> {
                assertThat(rewritten.evidence().resolve("kept")).hasBinaryContent(log.checkpoint(400).bytes());
                assertThat(rewritten.evidence().resolve("offered")).hasBinaryContent(fork.checkpoint(size).bytes());
            });
            assertThat(kept()).isEqualTo(400);
        }
        assertThat(judge(log, 400, 500)).isInstanceOf(Advanced.class);
    }

    @Test
    void neverGoesBack() throws IOException {
        judge(log, 0, 500);
        assertThat(witness.judge(log.checkpoint(499).bytes(), log.tree.consistencyProof(499, 500)))
                .isInstanceOfSatisfying(Rewritten.class, rewritten -> assertThat(rewritten.reason())
                        .endsWith("does not continue: it had 500 entries and shows 499"));
        assertThat(kept()).isEqualTo(500);
    }

    @Test
    void aCheckpointWithoutTheRightProofDoesNotCount() throws IOException {
        judge(log, 0, 100);
        var proof = log.tree.consistencyProof(100, 200);
        for (var wrong : List.of(List.<Hash>of(), proof.subList(1, proof.size()), proof.reversed(),
                log.tree.consistencyProof(101, 200), log.tree.consistencyProof(100, 201))) {
            assertThat(witness.judge(log.checkpoint(200).bytes(), wrong)).isInstanceOf(Rewritten.class);
        }
        assertThat(kept()).isEqualTo(100);
        assertThat(witness.judge(log.checkpoint(200).bytes(), proof)).isInstanceOf(Advanced.class);
    }

    @Test
    void whatItDoesNotKnowIsInvalidAndChangesNothing() throws IOException {
        judge(log, 0, 100);
        var stranger = new TestLog(SigningKey.generate(TestLog.ORIGIN), 200);
        assertThat(judge(stranger, 100, 200)).isInstanceOf(Invalid.class);
        var other = SigningKey.generate("iotflow.example/other");
        assertThat(witness.judge(new Checkpoint("iotflow.example/other", 0, Hash.EMPTY).sign(other).bytes(), List.of()))
                .isEqualTo(new Invalid("the log iotflow.example/other is not known here"));
        assertThat(witness.judge(SignedNote.sign("not a checkpoint\n", log.key).bytes(), List.of()))
                .isInstanceOf(Invalid.class);
        var random = new Random(9);
        var good = log.checkpoint(200).bytes();
        for (int n = 0; n < 500; n++) {
            var bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(7));
            assertThat(witness.judge(bad, log.tree.consistencyProof(100, 200))).isInstanceOf(Invalid.class);
        }
        assertThat(kept()).isEqualTo(100);
    }

    @Test
    void doesNotBeginAnewWhenWhatItKeptIsDamaged() throws IOException {
        judge(log, 0, 100);
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) Files.writeString(file, "x");
        }
        assertThatThrownBy(() -> judge(log, 0, 200)).isInstanceOf(IOException.class).hasMessageContaining("damaged");
        assertThatThrownBy(() -> witness.last(TestLog.ORIGIN)).isInstanceOf(IOException.class);
    }

    @Test
    void evidenceIsBounded() throws IOException {
        judge(log, 0, 100);
        for (int n = 0; n < 103; n++) {
            var lie = new Checkpoint(TestLog.ORIGIN, 100, Hash.leaf(Integer.toString(n)
                    .getBytes(StandardCharsets.UTF_8))).sign(log.key);
            assertThat(witness.judge(lie.bytes(), List.of())).isInstanceOf(Rewritten.class);
        }
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(file -> file.endsWith("offered"))).hasSize(100);
        }
    }

    @Test
    void keepsLogsApart() throws IOException {
        var other = SigningKey.generate("b/../../c");
        var both = new Witness(folder, List.of(log.key.verifier(), other.verifier()));
        both.judge(new Checkpoint("b/../../c", 0, Hash.EMPTY).sign(other).bytes(), List.of());
        both.judge(log.checkpoint(7).bytes(), List.of());
        assertThat(both.last("b/../../c").orElseThrow().size()).isZero();
        assertThat(both.last(TestLog.ORIGIN).orElseThrow().size()).isEqualTo(7);
        assertThat(both.last("unknown")).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Witness(folder, List.of(other.verifier(), other.verifier())));
    }
}
