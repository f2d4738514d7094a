package io.iotflow.ledger;

/// Bounds on everything that comes from outside. `docs/reference/limits.md` lists each with its unit and reason, and a
/// test compares.
public final class LedgerLimits {

    /// One entry in canonical JSON, in bytes.
    public static final int ENTRY_BYTES = 16 << 10;

    /// Characters of an action, a target's type or a source's protocol; of an id or an address; of a name.
    public static final int ENTRY_WORD_CHARACTERS = 64;
    public static final int ENTRY_ID_CHARACTERS = 128;
    public static final int ENTRY_NAME_CHARACTERS = 256;

    /// JSON: levels of nesting, and characters of one number. Deep nesting costs stack.
    public static final int LEDGER_JSON_DEPTH = 100;
    public static final int LEDGER_JSON_NUMBER_CHARACTERS = 128;

    /// A signed note: bytes, signatures, characters of a key's name (a log's origin).
    public static final int NOTE_BYTES = 128 << 10;
    public static final int NOTE_SIGNATURES = 100;
    public static final int KEY_NAME_CHARACTERS = 255;

    /// One line of an export, in bytes. The longest is the first, which holds a note.
    public static final int EXPORT_LINE_BYTES = 512 << 10;

    /// Contradictions that a witness keeps of one log. One is enough to prove it; nobody shall fill its disk.
    public static final int WITNESS_EVIDENCE = 100;

    private LedgerLimits() {}
}
