package io.iotflow.server.language;

/// `versionBefore(version, other)`: versions are numbers between dots, and what a hyphen adds to them makes an earlier
/// one: 1.9 < 1.10, 1.4.0-rc1 < 1.4 = 1.4.0. What begins with no number is no version, and before none.
final class VersionBefore extends Code.Truth {
    private static final int LONGEST = 64;

    private final Code version;
    private final Code other;

    VersionBefore(Code version, Code other) {
        this.version = version;
        this.other = other;
    }

    @Override
    boolean truth(Frame frame) {
        frame.spend(2);
        return version.value(frame) instanceof String one && other.value(frame) instanceof String two
                && isVersion(one) && isVersion(two) && compare(one, two) < 0;
    }

    private static boolean isVersion(String text) {
        var from = start(text);
        return text.length() <= LONGEST && from < text.length() && isDigit(text.charAt(from));
    }

    /// People write v1.4 as well.
    private static int start(String text) {
        return text.startsWith("v") || text.startsWith("V") ? 1 : 0;
    }

    private static int compare(String one, String two) {
        var i = start(one);
        var j = start(two);
        while (isNumberAt(one, i) || isNumberAt(two, j)) {
            var endOfOne = endOfNumber(one, i);
            var endOfTwo = endOfNumber(two, j);
            var order = compareNumbers(one.substring(i, endOfOne), two.substring(j, endOfTwo));
            if (order != 0) return order;
            i = afterDot(one, endOfOne);
            j = afterDot(two, endOfTwo);
        }
        return Boolean.compare(isEarlier(two, j), isEarlier(one, i));
    }

    private static boolean isNumberAt(String text, int at) {
        return at < text.length() && isDigit(text.charAt(at));
    }

    private static int endOfNumber(String text, int from) {
        var end = from;
        while (isNumberAt(text, end)) end++;
        return end;
    }

    private static int afterDot(String text, int at) {
        return at < text.length() && text.charAt(at) == '.' && isNumberAt(text, at + 1) ? at + 1 : at;
    }

    private static boolean isEarlier(String text, int at) {
        return at < text.length() && text.charAt(at) == '-';
    }

    /// Of any length; nothing is zero.
    private static int compareNumbers(String one, String two) {
        var a = withoutZeros(one);
        var b = withoutZeros(two);
        return a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
    }

    private static String withoutZeros(String digits) {
        var from = 0;
        while (from < digits.length() && digits.charAt(from) == '0') from++;
        return digits.substring(from);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
