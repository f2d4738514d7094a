-- Where notifications go. A channel serves its organization and those below: they may name it, but see nothing of what
-- it is set to.
CREATE TABLE channels (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE,
    name         text        NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('email', 'webhook', 'chat', 'sms', 'mqtt', 'in_app')),
    content      jsonb       NOT NULL,
    -- Passwords and the like, sealed with the platform's key for this channel; null if there are none.
    secret       bytea,
    revision     bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    UNIQUE (organization, name)
);
CREATE INDEX channels_organization ON channels (organization, id);

-- What is to be told to whom, and what became of it. Written in the transaction of what it is about. It belongs to the
-- device's organization and moves with the device; it outlives alert, rule and channel.
CREATE TABLE deliveries (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL,
    -- By which receivers know the same delivery again.
    message      uuid        NOT NULL DEFAULT gen_random_uuid(),
    -- Null for a test.
    device_id    bigint,
    alert_id     bigint,
    rule_id      bigint,
    key          text        NOT NULL,
    event        text        NOT NULL CHECK (event IN ('begun', 'acknowledged', 'resolved', 'test')),
    -- 0: told at once; n: the rung of the escalation.
    step         integer     NOT NULL CHECK (step >= 0),
    -- 'channel:3' or 'url:https://…'
    target       text COLLATE "C" NOT NULL,
    -- The channel's, as soon as it has been tried.
    kind         text,
    state        text        NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed', 'cancelled', 'dropped')),
    held         text        NOT NULL CHECK (held IN ('', 'throttle', 'quiet', 'escalation')),
    -- When it was to be sent first.
    planned_at   timestamptz NOT NULL,
    -- When it is tried next; while it is being tried, when that is given up for dead.
    due_at       timestamptz NOT NULL,
    attempts     integer     NOT NULL DEFAULT 0,
    history      jsonb       NOT NULL DEFAULT '[]',
    detail       text        NOT NULL DEFAULT '',
    -- Alerts of the same rule, device and key that were not told because this one had just been.
    suppressed   bigint      NOT NULL DEFAULT 0,
    content      jsonb       NOT NULL,
    created_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    CHECK ((state = 'waiting') = (ended_at IS NULL)),
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization) ON UPDATE CASCADE
);
CREATE INDEX deliveries_target ON deliveries (target, due_at) WHERE state = 'waiting';
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'waiting';
CREATE INDEX deliveries_order ON deliveries (alert_id, target, id) WHERE state = 'waiting';
CREATE INDEX deliveries_alert ON deliveries (alert_id);
CREATE INDEX deliveries_organization ON deliveries (organization, id);
CREATE INDEX deliveries_device ON deliveries (device_id, organization);
CREATE INDEX deliveries_told ON deliveries (rule_id, device_id, key, planned_at) WHERE event = 'begun' AND step = 0;
CREATE INDEX deliveries_in_app ON deliveries (id) WHERE kind = 'in_app' AND state = 'delivered';

-- How far each user has read what is told in the application.
CREATE TABLE notification_reads (
    reader       text        PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE ON DELETE CASCADE,
    last_id      bigint      NOT NULL,
    updated_at   timestamptz NOT NULL
);

ALTER TABLE channels ENABLE ROW LEVEL SECURITY;
ALTER TABLE channels FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON channels USING (in_scope(organization));
-- A rule may name a channel of an organization above its own. Queries that show channels say `in_scope` themselves.
CREATE POLICY served ON channels FOR SELECT
    USING (starts_with(nullif(current_setting('iotflow.organization', true), ''), organization));
ALTER TABLE deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON deliveries USING (in_scope(organization));
ALTER TABLE notification_reads ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_reads FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON notification_reads USING (in_scope(organization));
