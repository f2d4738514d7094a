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

    /// Device types and groups of one organization that have configurations, and likewise types that have a schema;
    /// bytes of a schema, parts of it with every reference written out, and schemas that are kept ready for use.
    public static final int CONFIGURATION_TARGETS = 1_000;
    public static final int CONFIGURATION_SCHEMA_BYTES = 64 << 10;
    public static final int CONFIGURATION_SCHEMA_PARTS = 2_000;
    public static final int CONFIGURATION_SCHEMAS_COMPILED = 200;

    /// Characters of a note on a version, and of what a device says about one; what devices say that waits to be
    /// written; devices that a change reaches, and likewise what is written, in one transaction.
    public static final int CONFIGURATION_NOTE_CHARACTERS = 500;
    public static final int CONFIGURATION_MESSAGE_CHARACTERS = 500;
    public static final int CONFIGURATION_REPORTS = 10_000;
    public static final int CONFIGURATION_SPREAD = 100;

    /// Processing rules of one organization, steps of one rule, steps that one device's messages go through, versions
    /// that are kept of a rule, and names in each list of its scope.
    public static final int PROCESSING_RULES = 200;
    public static final int PROCESSING_STEPS = 50;
    public static final int PROCESSING_STEPS_PER_DEVICE = 500;
    public static final int PROCESSING_RULE_VERSIONS = 100;
    public static final int PROCESSING_SCOPE = 1_000;

    /// Devices for which it is remembered what their messages go through; for any other one it is found out again.
    public static final int PROCESSING_PLANS = 200_000;

    /// What rules may do with one message: steps, which are those of expressions and of looking for metrics, and what
    /// they add to it. Beyond that the message is kept as it is by then.
    public static final int PROCESSING_MESSAGE_STEPS = 1_000_000;
    public static final int PROCESSING_ADDED_MEASUREMENTS = 50_000;
    public static final int PROCESSING_ADDED_CHARACTERS = 1_000_000;

    /// Messages on which a processing rule is tried at once, records of all of them, and characters of the answer.
    public static final int PROCESSING_TEST_MESSAGES = 100;
    public static final int PROCESSING_TEST_RECORDS = 1_000;
    public static final int PROCESSING_TEST_CHARACTERS = 4_000_000;

    /// Bytes of a payload that is no JSON and goes to an expression.
    public static final int PROCESSING_PAYLOAD_BYTES = 4 << 10;

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

    /// Alert rules of one organization, bytes of one as JSON, and versions of it that are kept.
    public static final int RULES = 500;
    public static final int RULE_BYTES = 64 << 10;
    public static final int RULE_VERSIONS = 100;

    /// Rules that look at one device, those of the lowest numbers; further ones do not look at it.
    public static final int RULES_PER_DEVICE = 200;

    /// Conditions of one rule, levels of them, what one may count to, and names in its scope.
    public static final int RULE_CONDITIONS = 50;
    public static final int RULE_CONDITION_DEPTH = 8;
    public static final int RULE_COUNT = 1_000;
    public static final int RULE_SCOPE_NAMES = 1_000;

    /// What all conditions of one rule may count to together, and so remember of each device, and windows of one rule.
    public static final int RULE_SLOTS = 2_000;
    public static final int RULE_WINDOWS = 20;

    /// Parts of a window, of 80 bytes each: it forgets one at a time.
    public static final int WINDOW_PARTS = 60;

    /// How long rules wait for measurements that are under way before they take it that time has passed.
    public static final Duration RULE_GRACE = Duration.ofSeconds(2);

    /// Rows of its history that are read when rules begin to look at a device; of more, the latest.
    public static final int RULE_HISTORY_ROWS = 50_000;

    /// Geofences of one organization, points of one or of a shape that stands in a rule, and the radius of a circle:
    /// half way round the earth.
    public static final int GEOFENCES = 1_000;
    public static final int GEOFENCE_POINTS = 1_000;
    public static final int GEOFENCE_RADIUS_M = 20_000_000;

    /// Messages of one trial of a rule.
    public static final int TRIAL_MESSAGES = 1_000;

    /// Replays that run at the same time, that are remembered of the platform, and alerts that each lists of a rule.
    public static final int REPLAYS_RUNNING = 2;
    public static final int REPLAYS = 20;
    public static final int REPLAY_ALERTS = 10_000;

    /// What happened to alerts last, among which the rules look after a start for what had just ended.
    public static final int ALERT_EVENTS_LATELY = 20_000;

    /// Credentials refused at the devices of one lane that wait to be counted; further ones are not.
    public static final int RULE_SIGNALS = 1_000;

    /// How often a rule does one of its actions at one device in an hour; tags of one action, and characters of one;
    /// how often an action is tried that the platform cannot do at once, and after which time it is tried again.
    public static final int ACTIONS_PER_HOUR = 10;
    public static final int ACTION_TAGS = 20;
    public static final int ACTION_TAG_CHARACTERS = 255;
    public static final int ACTION_ATTEMPTS = 10;
    public static final Duration ACTION_LEASE = Duration.ofSeconds(30);

    /// How often an alert is told that what it is about goes on, and how often the rules' figures are counted.
    public static final Duration OCCURRENCES_EVERY = Duration.ofSeconds(5);
    public static final Duration RULE_FIGURES_EVERY = Duration.ofSeconds(10);

    /// How long whoever asks for pending alerts waits for the rules to say.
    public static final Duration PENDING_WAIT = Duration.ofSeconds(5);

    /// An expression of the rules language: characters of its source, parts of its syntax, levels of nesting. They
    /// bound what reading it costs, and what it costs to evaluate once.
    public static final int EXPRESSION_CHARACTERS = 4_096;
    public static final int EXPRESSION_NODES = 1_000;
    public static final int EXPRESSION_DEPTH = 100;

    /// What one evaluation may make: characters of a text, elements of an array, and steps, which are counted for each
    /// element that is looked at and for each 16 characters that are written. Going beyond ends the evaluation.
    public static final int EXPRESSION_TEXT_CHARACTERS = 10_000;
    public static final int EXPRESSION_ARRAY_ELEMENTS = 1_000;
    public static final int EXPRESSION_STEPS = 20_000;

    /// Devices that are followed at the same time, and those of one organization; how long each may be, and how long
    /// what was seen can be read after the end.
    public static final int TRACES = 20;
    public static final int TRACES_OF_ORGANIZATION = 10;
    public static final Duration TRACE_TIME = Duration.ofHours(1);
    public static final Duration TRACE_KEPT = Duration.ofMinutes(10);

    /// The newest entries of a trace that are kept, and their bytes. Of each message: bytes of the payload, steps of
    /// processing, bytes of each list, characters of each text.
    public static final int TRACE_ENTRIES = 500;
    public static final int TRACE_BYTES = 2 << 20;
    public static final int TRACE_PAYLOAD_BYTES = 1 << 10;
    public static final int TRACE_STEPS = 200;
    public static final int TRACE_LIST_BYTES = 8 << 10;
    public static final int TRACE_TEXT_CHARACTERS = 200;

    /// Names of metrics that an editor of rules is offered, and devices that are asked for theirs.
    public static final int LANGUAGE_METRICS = 2_000;
    public static final int LANGUAGE_DEVICES = 10_000;

    /// The longest window that an expression may look back over.
    public static final Duration RULE_WINDOW = Duration.ofDays(31);

    /// Characters of a message that a template makes; what is longer is cut.
    public static final int MESSAGE_CHARACTERS = 1_000;

    /// Findings of rules that wait to be written, and how many are written in one transaction. When as many wait, the
    /// rules wait too, and the log is the queue behind them.
    public static final int FINDINGS = 10_000;
    public static final int FINDINGS_AT_ONCE = 1_000;

    /// Characters of an alert's message and of its key, of what it says about why as JSON, and of a comment or reason.
    /// What rules find longer is cut.
    public static final int ALERT_MESSAGE_CHARACTERS = 1_000;
    public static final int ALERT_KEY_CHARACTERS = 255;
    public static final int ALERT_WHY_CHARACTERS = 16 << 10;
    public static final int ALERT_COMMENT_CHARACTERS = 2_000;

    /// Lines of one alert's history. Beyond it nobody comments, and occurrences are counted only.
    public static final int ALERT_EVENTS = 1_000;

    /// Alerts that one call may acknowledge or resolve.
    public static final int ALERTS_AT_ONCE = 1_000;

    /// Open alerts of one rule at one device, which its keys tell apart; beyond it the rule begins no more there.
    public static final int ALERTS_OPEN = 100;

    /// Resolved alerts that are kept of one organization; beyond it the oldest go.
    public static final int ALERTS_KEPT = 100_000;
    /// Channels of one organization; addresses that one sends mail to, headers that one sends, and characters of any
    /// text that it is set to, or of a URL.
    public static final int CHANNELS = 200;
    public static final int CHANNEL_RECIPIENTS = 50;
    public static final int CHANNEL_HEADERS = 20;
    public static final int CHANNEL_TEXT_CHARACTERS = 2_000;
    public static final int CHANNEL_URL_CHARACTERS = 1_000;

    /// Characters of a text message.
    public static final int SMS_CHARACTERS = 480;

    /// Channels that are tested at the same time; one more is answered 503.
    public static final int CHANNEL_TESTS = 8;

    /// Whom one rule tells at once, and likewise at each step of its escalation; such steps; the longest time of a step
    /// and of a throttle.
    public static final int POLICY_TARGETS = 20;
    public static final int ESCALATION_STEPS = 10;
    public static final Duration POLICY_TIME = Duration.ofDays(7);

    /// How often a delivery is tried, and how long after it was to be sent first; the longest pause after the first
    /// time, which doubles with each further one up to the longest of all; and the longest that a receiver may ask for
    /// in `Retry-After`.
    public static final int DELIVERY_ATTEMPTS = 20;
    public static final Duration DELIVERY_AGE = Duration.ofHours(24);
    public static final Duration DELIVERY_FIRST_PAUSE = Duration.ofSeconds(1);
    public static final Duration DELIVERY_LONGEST_PAUSE = Duration.ofHours(1);
    public static final Duration DELIVERY_LONGEST_WAIT = Duration.ofHours(1);

    /// How long a receiver may take to be reached at an address, how many addresses of a mail server are tried, how
    /// long all may take to answer to the last byte; and after which time a delivery whose node has died is taken by
    /// another.
    public static final Duration DELIVERY_CONNECT_TIME = Duration.ofSeconds(5);
    public static final int DELIVERY_ADDRESSES = 4;
    public static final Duration DELIVERY_TIME = Duration.ofSeconds(30);
    public static final Duration DELIVERY_LEASE = Duration.ofMinutes(1);

    /// What is read of an answer, in bytes, and kept of it, in characters.
    public static final int DELIVERY_ANSWER_BYTES = 4 << 10;
    public static final int DELIVERY_DETAIL_CHARACTERS = 500;

    /// After an attempt that took longer a receiver gets one delivery at a time.
    public static final Duration SLOW_DELIVERY_TIME = Duration.ofSeconds(5);

    /// Deliveries to one receiver at the same time; failures in a row after which it is left alone, and for how long.
    public static final int DELIVERIES_PER_TARGET = 4;
    public static final int BREAKER_FAILURES = 5;
    public static final Duration BREAKER_TIME = Duration.ofSeconds(30);

    /// Deliveries that wait, of one organization right below the root with all below it: at once, and likewise held by
    /// quiet hours, and as escalation; further ones are dropped, and say so. Ended ones of one organization that are
    /// kept, and for how long.
    public static final int DELIVERIES_WAITING = 100_000;
    public static final int DELIVERIES_KEPT = 10_000;
    public static final Duration DELIVERY_KEPT_TIME = Duration.ofDays(30);

    /// For how long it is kept who heard that an alert began whose end has not been told, and among how many ended
    /// deliveries of one organization.
    public static final Duration BEGINNING_KEPT_TIME = Duration.ofDays(365);
    public static final int BEGINNINGS_KEPT = 100_000;

    /// Notifications in the application that one has not read, as far as they are counted.
    public static final int UNREAD_COUNTED = 1_000;

    private Limits() {}
}
