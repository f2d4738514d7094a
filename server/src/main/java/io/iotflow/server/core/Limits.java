package io.iotflow.server.core;

import java.time.Duration;

/// Bounds that no configuration changes. Those that configuration may change stand in each feature's config record.
/// `docs/reference/limits.md` lists every one of both kinds, with its unit and reason, and a test compares.
public final class Limits {

    /// Metrics of one device. Keeps the memory for latest values bounded by the number of devices.
    public static final int SERIES_PER_DEVICE = 2_000;

    /// A request's body unless its route says otherwise, in bytes.
    public static final int HTTP_BODY_BYTES = 1 << 20;

    /// JSON in a request: levels of nesting, characters of one name, characters of one number. Deep nesting costs
    /// stack, long names and numbers cost time that grows faster than their length.
    public static final int JSON_DEPTH = 64;
    public static final int JSON_NAME_CHARACTERS = 1_024;
    public static final int JSON_NUMBER_CHARACTERS = 128;

    /// The first line and the headers of a request, in bytes.
    public static final int HTTP_REQUEST_LINE_BYTES = 8 << 10;
    public static final int HTTP_HEADER_BYTES = 16 << 10;

    /// Characters of an `Idempotency-Key`, answers that are kept for such keys, bytes of all of them, and for how long.
    /// When there are more, the oldest are forgotten.
    public static final int IDEMPOTENCY_KEY_CHARACTERS = 255;
    public static final int IDEMPOTENCY_KEYS = 10_000;
    public static final int IDEMPOTENCY_BYTES = 16 << 20;
    public static final Duration IDEMPOTENCY_TIME = Duration.ofHours(24);

    /// One WebSocket message from a client, in bytes.
    public static final int WEBSOCKET_MESSAGE_BYTES = 64 << 10;

    /// Characters of a device's name, likewise of its type and its user; of its location, versions and description.
    public static final int DEVICE_NAME_CHARACTERS = 128;
    public static final int DEVICE_LOCATION_CHARACTERS = 255;
    public static final int DEVICE_VERSION_CHARACTERS = 64;
    public static final int DEVICE_DESCRIPTION_CHARACTERS = 2_000;

    /// A device's metadata, and likewise its capabilities, written as JSON, in bytes. Bounds what a cached device
    /// takes.
    public static final int DEVICE_METADATA_BYTES = 16 << 10;

    /// Devices of one name, in different organizations, that are told apart by who asks; beyond it those that stand
    /// lowest are found by their id only.
    public static final int SAME_NAMES = 1_000;

    /// Characters of the reason for a quarantine.
    public static final int QUARANTINE_REASON_CHARACTERS = 500;

    /// Statements that are kept of each device, characters of one, and how long a challenge may wait for it.
    public static final int ATTESTATIONS = 100;
    public static final int ATTESTATION_CHARACTERS = 8_192;
    public static final Duration ATTESTATION_TIME = Duration.ofMinutes(5);

    /// Firmware that one device may attest, measures of its boot, and characters of a measure.
    public static final int ATTESTED_FIRMWARES = 16;
    public static final int ATTESTED_MEASURES = 64;
    public static final int ATTESTED_MEASURE_CHARACTERS = 255;

    /// Keys kept for each device: valid, expiring and the latest revoked ones. Rotating more often drops the oldest.
    public static final int DEVICE_KEYS = 10;

    /// Certificates of one device that are good at the same time, and ended ones that are remembered, of which the
    /// oldest go first.
    public static final int DEVICE_CERTIFICATES = 10;
    public static final int DEVICE_CERTIFICATES_KEPT = 100;

    /// Characters of a request for a certificate, and of a certificate with those above it, in PEM: the largest keys
    /// that are taken fit several times.
    public static final int CERTIFICATE_REQUEST_BYTES = 8 << 10;
    public static final int CERTIFICATE_CHAIN_BYTES = 32 << 10;

    /// Certificates in the list of revoked ones; beyond it those that ended last are in it.
    public static final int REVOCATION_LIST = 100_000;

    /// Configuration of one device: keys, characters of a key, bytes of the whole as JSON (it is one MQTT message), and
    /// versions that are kept.
    public static final int CONFIGURATION_KEYS = 500;
    public static final int CONFIGURATION_KEY_CHARACTERS = 128;
    public static final int CONFIGURATION_BYTES = 64 << 10;
    public static final int CONFIGURATION_VERSIONS = 100;

    /// Addresses whose registrations are counted at the same time; beyond it the longest idle one is forgotten.
    public static final int REGISTRATION_ADDRESSES = 20_000;

    /// Devices, addresses and organizations whose rates are counted at the same time; beyond it the least used are
    /// forgotten, and begin anew.
    public static final int RATE_LIMITED_DEVICES = 100_000;
    public static final int RATE_LIMITED_ADDRESSES = 20_000;
    public static final int RATE_LIMITED_ORGANIZATIONS = 10_000;

    /// Callers whose rate is counted for one route that has a limit of its own.
    public static final int RATE_LIMITED_CALLERS = 10_000;

    /// Devices of one organization that wait for an operator's approval; beyond it none is taken.
    public static final int WAITING_DEVICES = 10_000;

    /// Provisioning keys of one organization, ended ones included, of which the oldest go first.
    public static final int PROVISIONING_KEYS = 1_000;

    /// Rows and bytes of a file of devices to import. It is held in memory while it is read.
    public static final int IMPORT_ROWS = 10_000;
    public static final int IMPORT_BYTES = 8 << 20;

    /// Rows of a page when the caller names no `limit`, and at the most.
    public static final int PAGE_DEFAULT = 100;
    public static final int PAGE_MAX = 10_000;

    /// How long a query waits for the store to reach what was acknowledged before the query began.
    public static final Duration CATCH_UP = Duration.ofSeconds(1);

    /// Live events that wait for one reader; further ones push out the oldest, and the reader is told.
    public static final int LIVE_QUEUE = 1_000;

    /// Live events that are remembered for readers who come back.
    public static final int LIVE_HISTORY = 10_000;

    /// How long a WebSocket may be open before its client has said who it is.
    public static final Duration LIVE_AUTHORIZATION = Duration.ofSeconds(30);

    /// How often it is looked whether a live stream's reader may still hear it.
    public static final Duration LIVE_CHECK = Duration.ofSeconds(1);

    /// How often it is looked whether the tokens of users who are connected over MQTT have ended.
    public static final Duration MQTT_TOKEN_CHECK = Duration.ofSeconds(5);

    /// What an entry of the audit log says of one field, and of all fields before or after, in bytes; of what is longer
    /// only length and hash are kept.
    public static final int AUDIT_VALUE_BYTES = 512;
    public static final int AUDIT_DOCUMENT_BYTES = 6 << 10;

    /// Entries that the audit log takes in one transaction, and entries of a page at the most.
    public static final int AUDIT_BATCH = 5_000;
    public static final int AUDIT_PAGE_MAX = 1_000;

    /// Characters of a password, at least and at most; how many are hashed at once, of 19 MiB each, and how many more
    /// wait for that. Further ones are answered 503.
    public static final int PASSWORD_SHORTEST = 12;
    public static final int PASSWORD_LONGEST = 128;
    public static final int PASSWORD_HASHINGS = 2;
    public static final int PASSWORD_WAITING = 16;

    /// Wrong sign-ins of one user until each further one locks it, for how long at first, and at the longest: each one
    /// doubles it.
    public static final int SIGN_IN_FAILURES = 5;
    public static final Duration SIGN_IN_LOCK = Duration.ofSeconds(30);
    public static final Duration SIGN_IN_LONGEST_LOCK = Duration.ofMinutes(15);

    /// Addresses, and likewise names of users that are not there, whose sign-ins are counted at the same time; beyond
    /// it the longest idle one is forgotten.
    public static final int SIGN_IN_ADDRESSES = 20_000;

    /// Calls to an OpenID issuer and likewise sign-ins at the directory at the same time, further ones are answered
    /// 503; and how long each answer may take.
    public static final int OUTSIDE_CALLS = 16;
    public static final Duration OUTSIDE_TIME = Duration.ofSeconds(5);

    /// Characters of what a user is known by outside, and of a password that is judged there.
    public static final int SUBJECT_CHARACTERS = 255;
    public static final int OUTSIDE_PASSWORD_LONGEST = 1_024;

    /// One answer of an OpenID issuer, in bytes; keys in its list; values of the claim that roles are read from.
    public static final int ISSUER_ANSWER_BYTES = 256 << 10;
    public static final int ISSUER_KEYS = 100;
    public static final int ISSUER_ROLES = 1_000;

    /// How long what an issuer says of itself is believed, how soon after a failure it is asked again, and how soon for
    /// a key that is not in its list.
    public static final Duration ISSUER_TIME = Duration.ofHours(1);
    public static final Duration ISSUER_RETRY = Duration.ofSeconds(5);
    public static final Duration ISSUER_KEYS_RETRY = Duration.ofSeconds(30);

    /// How far an issuer's clock may be off.
    public static final Duration ISSUER_CLOCK = Duration.ofMinutes(1);

    /// How long somebody may take to sign in at the issuer, how many such sign-ins are remembered as used, and how long
    /// the code is good for with which the dashboard gets its tokens afterwards.
    public static final Duration OIDC_TIME = Duration.ofMinutes(10);
    public static final int OIDC_USED = 10_000;
    public static final Duration SIGN_IN_CODE_TIME = Duration.ofMinutes(1);

    /// One message of the directory, in bytes; groups of one user that are looked up there.
    public static final int DIRECTORY_MESSAGE_BYTES = 1 << 20;
    public static final int DIRECTORY_GROUPS = 1_000;

    /// Sessions of one user; one more ends the oldest.
    public static final int SESSIONS_PER_USER = 20;

    /// Users, service tokens and verified access tokens, of each kind, that are kept in memory; any other one costs a
    /// query or a verification.
    public static final int ACCESS_CACHE = 10_000;

    /// Characters of the name of a user, organization, role or service token, and levels of organizations.
    public static final int ACCESS_NAME_CHARACTERS = 128;
    public static final int ORGANIZATION_LEVELS = 16;

    /// How long a service token may be good for, and how long one key signs access tokens.
    public static final Duration SERVICE_TOKEN_TIME = Duration.ofDays(366);
    public static final Duration SIGNING_KEY_TIME = Duration.ofDays(30);

    /// Recovery codes of one user.
    public static final int RECOVERY_CODES = 10;

    /// Keys of organizations, each version one, that are kept unwrapped in memory; any other one costs a query.
    public static final int ENCRYPTION_KEYS = 10_000;

    /// Metrics, and likewise metadata fields, that one organization may mark as sensitive.
    public static final int SENSITIVE_NAMES = 200;

    /// Sealed values that one question for aggregates opens at the most: about a second.
    public static final int SEALED_VALUES = 500_000;

    private Limits() {}
}
