package io.iotflow.ledger;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// One entry of the audit trail: who did what to what, when, from where, and what it changed. Its id is its index in
/// the log, which it does not hold. Its leaf in the tree is the hash of its canonical JSON.
///
/// @param time         when it happened, to the microsecond (finer is cut off), 1970 to 9999
/// @param organization the organization whose affair it is, 0 or more
/// @param actor        who did it
/// @param action       words with dots between, such as `device.registered`
/// @param target       what it was done to
/// @param source       where the request came from
/// @param before       the fields that were changed as they were; empty if there was nothing before
/// @param after        the same as they are now; empty if there is nothing any more
public record Entry(Instant time, long organization, Actor actor, String action, Target target, Source source,
        Json.Fields before, Json.Fields after) {

    private static final int VERSION = 1;
    private static final long LARGEST_ORGANIZATION = (1L << 53) - 1;
    private static final Instant END = Instant.parse("9999-12-31T23:59:59.999999Z");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9_-]*");
    private static final Pattern WORDS = Pattern.compile("[a-z][a-z0-9_-]*(\\.[a-z][a-z0-9_-]*)*");

    public enum ActorType {
        USER, DEVICE, TOKEN,
        /// Nobody in particular: who has not shown who they are.
        ANYBODY,
        PLATFORM
    }

    /// Who did it. The name is the one at that time; may be empty.
    public record Actor(ActorType type, String id, String name) {
        public Actor {
            requireText("an actor's id", id, 1, LedgerLimits.ENTRY_ID_CHARACTERS);
            requireText("an actor's name", name, 0, LedgerLimits.ENTRY_NAME_CHARACTERS);
        }
    }

    /// What it was done to. The type is a word, such as `device`.
    public record Target(String type, String id, String name) {
        public Target {
            requireWord("a target's type", WORD, type);
            requireText("a target's id", id, 1, LedgerLimits.ENTRY_ID_CHARACTERS);
            requireText("a target's name", name, 0, LedgerLimits.ENTRY_NAME_CHARACTERS);
        }
    }

    /// Where the request came from. The address is empty for what the platform does of itself.
    public record Source(String address, String protocol) {
        public Source {
            requireText("a source's address", address, 0, LedgerLimits.ENTRY_ID_CHARACTERS);
            requireWord("a source's protocol", WORD, protocol);
        }
    }

    public Entry {
        time = time.truncatedTo(ChronoUnit.MICROS);
        if (time.isBefore(Instant.EPOCH) || time.isAfter(END)) throw new IllegalArgumentException("no such time");
        if (organization < 0 || organization > LARGEST_ORGANIZATION) {
            throw new IllegalArgumentException("no such organization: " + organization);
        }
        requireWord("an action", WORDS, action);
        var bytes = json(time, organization, actor, action, target, source, before, after).canonical().length;
        if (bytes > LedgerLimits.ENTRY_BYTES) {
            throw new IllegalArgumentException(
                    "an entry has at most " + LedgerLimits.ENTRY_BYTES + " bytes, not " + bytes);
        }
    }

    /// The bytes whose hash is the leaf; at most [LedgerLimits#ENTRY_BYTES], without a line break.
    public byte[] toCanonicalJson() {
        return json(time, organization, actor, action, target, source, before, after).canonical();
    }

    /// Reads what [#toCanonicalJson] writes and nothing else: one entry has one text.
    ///
    /// @throws IllegalArgumentException if it is anything else, saying what is wrong
    public static Entry parse(byte[] canonicalJson) {
        if (canonicalJson.length > LedgerLimits.ENTRY_BYTES) throw new IllegalArgumentException("an entry is too long");
        var fields = new FieldReader(Json.parse(canonicalJson));
        if (fields.whole("v") != VERSION) throw new IllegalArgumentException("is an entry of an unknown version");
        var actor = fields.object("actor");
        var target = fields.object("target");
        var source = fields.object("source");
        var entry = new Entry(time(fields.text("time")), fields.whole("organization"),
                new Actor(actorType(actor.text("type")), actor.text("id"), actor.text("name")), fields.text("action"),
                new Target(target.text("type"), target.text("id"), target.text("name")),
                new Source(source.text("address"), source.text("protocol")),
                fields.fields("before"), fields.fields("after"));
        if (!Arrays.equals(entry.toCanonicalJson(), canonicalJson)) {
            throw new IllegalArgumentException("is not the canonical form of an entry");
        }
        return entry;
    }

    private static Json json(Instant time, long organization, Actor actor, String action, Target target, Source source,
            Json.Fields before, Json.Fields after) {
        var fields = new TreeMap<String, Json>();
        fields.put("v", new Json.Numeral(VERSION));
        fields.put("time", new Json.Text(TIME.format(time)));
        fields.put("organization", new Json.Numeral(organization));
        fields.put("actor", texts("type", word(actor.type), "id", actor.id, "name", actor.name));
        fields.put("action", new Json.Text(action));
        fields.put("target", texts("type", target.type, "id", target.id, "name", target.name));
        fields.put("source", new Json.Fields(Map.of("address", new Json.Text(source.address),
                "protocol", new Json.Text(source.protocol))));
        if (!before.isEmpty()) fields.put("before", before);
        if (!after.isEmpty()) fields.put("after", after);
        return new Json.Fields(fields);
    }

    private static Json texts(String first, String one, String second, String two, String third, String three) {
        return new Json.Fields(Map.of(first, new Json.Text(one), second, new Json.Text(two),
                third, new Json.Text(three)));
    }

    private static String word(ActorType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    private static ActorType actorType(String word) {
        return Arrays.stream(ActorType.values()).filter(type -> word(type).equals(word)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no such type of actor"));
    }

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("an entry's time is not a time", e);
        }
    }

    private static void requireText(String what, String text, int least, int most) {
        if (text.length() < least || text.length() > most) {
            throw new IllegalArgumentException(
                    what + " has " + least + " to " + most + " characters, not " + text.length());
        }
    }

    private static void requireWord(String what, Pattern pattern, String text) {
        requireText(what, text, 1, LedgerLimits.ENTRY_WORD_CHARACTERS);
        if (!pattern.matcher(text).matches()) {
            throw new IllegalArgumentException(what + " is written in lower-case letters, digits, _ and -");
        }
    }
}
