package io.iotflow.server.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.RhinoException;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.Undefined;

/// Random sources mean what a whole JavaScript engine says they mean. A hundred, and for two seconds; others, and
/// more, with `-Diotflow.fuzz.seconds=600`. Where the engine itself fails there is nothing to compare.
class OracleTest {
    private static final Vocabulary RULE = Vocabulary.rule(Duration.ofHours(1));
    private static final String WORLD = "var temperature = 21.5, mode = 'auto', flag = true, none;"
            + " var metadata = {n: 7, s: 'some text', z: null};";
    private static final Pattern LIMIT = Pattern.compile("takes more than|would be longer than|nested too deeply");
    private static final Object FAILED = "failed";
    private static final Object ENGINE_FAILED = new Object();

    @Test
    void meansWhatJavaScriptMeans() {
        var seconds = Integer.getInteger("iotflow.fuzz.seconds", 0);
        var seed = Long.getLong("iotflow.fuzz.seed", seconds == 0 ? 1 : System.nanoTime());
        var until = System.nanoTime() + Math.max(2, seconds) * 1_000_000_000L;
        var compared = 0;
        try (var context = Context.enter()) {
            context.setInterpretedMode(true);
            context.setLanguageVersion(Context.VERSION_ECMASCRIPT);
            var scope = context.initSafeStandardObjects();
            for (long i = seed; compared <= 100 || System.nanoTime() < until; i++) {
                var maker = new SourceMaker(new Random(i), "temperature", "mode", "flag", "none", "metadata.n",
                        "metadata.s", "metadata.z", "(metadata?.none)", "(metadata.none?.x)");
                var source = maker.plainProgram();
                var ours = ours(source);
                if (ours == null) continue;
                var theirs = theirs(context, scope, source);
                if (theirs == ENGINE_FAILED) continue;
                compared++;
                assertThat(same(ours[0], theirs)).as("seed " + i + ": " + source + "\nours: " + ours[0]
                        + "\ntheirs: " + theirs).isTrue();
            }
        }
        if (Boolean.getBoolean("iotflow.fuzz.say")) System.out.println(compared + " compared");
    }

    private static boolean same(Object ours, Object theirs) {
        return ours == null ? theirs == null : ours instanceof Double a && theirs instanceof Double b
                ? a.doubleValue() == b.doubleValue() || a.isNaN() && b.isNaN() : ours.equals(theirs);
    }

    /// Null if it is refused, or goes beyond a limit that the engine has not.
    private static Object[] ours(String source) {
        Expression expression;
        try {
            expression = Expression.compile(source, RULE);
        } catch (ExpressionException refused) {
            return null;
        }
        var world = new World().metric("temperature", 21.5).metric("mode", "auto").metric("flag", true)
                .metadata("{\"n\": 7, \"s\": \"some text\", \"z\": null}").seenBy(expression);
        try {
            return new Object[] {expression.value(world)};
        } catch (EvaluationException failed) {
            return LIMIT.matcher(failed.getMessage()).find() ? null : new Object[] {FAILED};
        }
    }

    private static Object theirs(Context context, ScriptableObject scope, String source) {
        try {
            var result = context.evaluateString(scope, WORLD + "(function () {" + source + "\n})()", "source", 1, null);
            return switch (result) {
                case null -> null;
                case Number number -> number.doubleValue();
                case CharSequence text -> text.toString();
                default -> Undefined.isUndefined(result) ? null : result;
            };
        } catch (RhinoException failed) {
            return FAILED;
        } catch (IndexOutOfBoundsException | OutOfMemoryError failed) { // it pads a text to any length
            return ENGINE_FAILED;
        }
    }
}
