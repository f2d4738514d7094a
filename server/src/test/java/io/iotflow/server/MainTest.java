package io.iotflow.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {

    /// A mistake on the command line is answered with this advice.
    @Test
    void everyCommandTakesHelp() {
        var without = new ArrayList<String>();
        for (var words : List.of("run", "demo", "simulate", "verify", "witness", "admin", "admin reset")) {
            var out = new StringWriter();
            var arguments = (words + " --help").split(" ");
            var code = new CommandLine(new Main()).setOut(new PrintWriter(out)).setErr(new PrintWriter(out))
                    .execute(arguments);
            if (code != 0 || !out.toString().contains("Usage:")) without.add(words + ": " + out);
        }
        assertThat(without).isEmpty();
    }
}
