package io.iotflow.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.TreeMap;

/// Reads JSON (RFC 8259) strictly. What it is given may come from anybody; it answers with a value or
/// [IllegalArgumentException].
final class JsonReader {
    private static final int EXACT_DIGITS = 15;

    private final String text;
    private int at;

    JsonReader(byte[] utf8) {
        if (utf8.length > LedgerLimits.EXPORT_LINE_BYTES) throw new IllegalArgumentException("is too long for JSON");
        text = decoded(utf8);
    }

    private static String decoded(byte[] utf8) {
        var text = new String(utf8, StandardCharsets.UTF_8);
        if (text.indexOf('\uFFFD') < 0) return text;
        try { // it may be a replacement of what is not UTF-8, or have been sent
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("is not UTF-8", e);
        }
    }

    Json document() {
        skipSpace();
        var json = value(1);
        skipSpace();
        if (at < text.length()) throw unexpected();
        return json;
    }

    private Json value(int depth) {
        if (depth > LedgerLimits.LEDGER_JSON_DEPTH) throw new IllegalArgumentException("is nested too deeply");
        return switch (peek()) {
            case '{' -> fields(depth);
            case '[' -> array(depth);
            case '"' -> new Json.Text(string());
            case 't' -> word("true", new Json.Flag(true));
            case 'f' -> word("false", new Json.Flag(false));
            case 'n' -> word("null", new Json.Null());
            default -> number();
        };
    }

    private Json fields(int depth) {
        var values = new TreeMap<String, Json>();
        at++;
        skipSpace();
        if (peek() == '}') {
            at++;
            return new Json.Fields(values);
        }
        while (true) {
            skipSpace();
            if (peek() != '"') throw unexpected();
            var name = string();
            skipSpace();
            expect(':');
            skipSpace();
            if (values.put(name, value(depth + 1)) != null) {
                throw new IllegalArgumentException("has a name twice in one object");
            }
            skipSpace();
            if (next() == '}') return new Json.Fields(values);
            at--;
            expect(',');
        }
    }

    private Json array(int depth) {
        var items = new ArrayList<Json>();
        at++;
        skipSpace();
        if (peek() == ']') {
            at++;
            return new Json.Array(items);
        }
        while (true) {
            skipSpace();
            items.add(value(depth + 1));
            skipSpace();
            if (next() == ']') return new Json.Array(items);
            at--;
            expect(',');
        }
    }

    private String string() {
        var start = ++at;
        while (true) {
            var c = next();
            if (c == '"') return text.substring(start, at - 1);
            if (c == '\\') return stringWithEscapes(start, at - 1);
            if (c < ' ') throw new IllegalArgumentException("has a bare control character in a text");
        }
    }

    private String stringWithEscapes(int start, int escape) {
        var value = new StringBuilder().append(text, start, escape);
        at = escape;
        while (true) {
            var c = next();
            if (c == '"') return value.toString();
            if (c < ' ') throw new IllegalArgumentException("has a bare control character in a text");
            value.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() {
        return switch (next()) {
            case '"' -> '"';
            case '\\' -> '\\';
            case '/' -> '/';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> hex();
            default -> {
                at--;
                throw unexpected();
            }
        };
    }

    private char hex() {
        var value = 0;
        for (int i = 0; i < 4; i++) {
            var c = next();
            var digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) throw new IllegalArgumentException("has a broken \\u escape");
            value = value << 4 | digit;
        }
        return (char) value;
    }

    private Json number() {
        var start = at;
        if (peek() == '-') at++;
        if (peek() == '0') at++;
        else digits();
        var whole = true;
        if (at < text.length() && text.charAt(at) == '.') {
            whole = false;
            at++;
            digits();
        }
        if (at < text.length() && (text.charAt(at) | 0x20) == 'e') {
            whole = false;
            at++;
            if (peek() == '+' || peek() == '-') at++;
            digits();
        }
        var length = at - start;
        if (length > LedgerLimits.LEDGER_JSON_NUMBER_CHARACTERS) {
            throw new IllegalArgumentException("has a number that is too long");
        }
        return new Json.Numeral(whole && length <= EXACT_DIGITS ? Long.parseLong(text, start, at, 10)
                : Double.parseDouble(text.substring(start, at)));
    }

    private void digits() {
        var start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') at++;
        if (at == start) throw unexpected();
    }

    private Json word(String word, Json value) {
        if (!text.startsWith(word, at)) throw unexpected();
        at += word.length();
        return value;
    }

    private void skipSpace() {
        while (at < text.length()) {
            var c = text.charAt(at);
            if (c != ' ' && c != '\n' && c != '\t' && c != '\r') return;
            at++;
        }
    }

    private char peek() {
        if (at >= text.length()) throw new IllegalArgumentException("is not JSON: it ends too early");
        return text.charAt(at);
    }

    private char next() {
        var c = peek();
        at++;
        return c;
    }

    private void expect(char c) {
        if (peek() != c) throw unexpected();
        at++;
    }

    private IllegalArgumentException unexpected() {
        return new IllegalArgumentException(at >= text.length() ? "is not JSON: it ends too early"
                : "is not JSON: unexpected character at " + at);
    }
}
