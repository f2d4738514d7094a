package io.iotflow.server.configuration;

import com.networknt.schema.regex.RegularExpression;
import java.util.regex.Pattern;

/// A pattern of a schema, which somebody may have written so that looking for it takes for ever: after so many looks at
/// the text it gives up.
final class BoundedPattern implements RegularExpression {
    private static final int LOOKS = 200_000;

    private final Pattern pattern;

    /// It gave up.
    static final class TooSlow extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooSlow() {
            super(null, null, false, false);
        }
    }

    private BoundedPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    static RegularExpression compile(String pattern) {
        return new BoundedPattern(Pattern.compile(pattern));
    }

    @Override
    public boolean matches(String value) {
        return pattern.matcher(new Looked(value, 0, value.length(), new int[1])).find();
    }

    /// @param looks counts, for all parts of one text
    private record Looked(String text, int from, int to, int[] looks) implements CharSequence {
        @Override
        public int length() {
            return to - from;
        }

        @Override
        public char charAt(int index) {
            if (++looks[0] > LOOKS) throw new TooSlow();
            return text.charAt(from + index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Looked(text, from + start, from + end, looks);
        }

        @Override
        public String toString() {
            return text.substring(from, to);
        }
    }
}
