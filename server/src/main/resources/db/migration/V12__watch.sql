-- What is watched for. A rule is a JSON document in the API's words, kept as it was written; every change makes a
-- version.
CREATE TABLE rules (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE,
    name         text        NOT NULL,
    mode         text        NOT NULL CHECK (mode IN ('active', 'shadow', 'off')),
    version      integer     NOT NULL CHECK (version > 0),
    content      json        NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    UNIQUE (organization, name),
    UNIQUE (id, organization)
);

CREATE TABLE rule_versions (
    rule_id      bigint      NOT NULL,
    organization text COLLATE "C" NOT NULL,
    version      integer     NOT NULL CHECK (version > 0),
    content      json        NOT NULL,
    author       text        NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (rule_id, version),
    FOREIGN KEY (rule_id, organization) REFERENCES rules (id, organization) ON UPDATE CASCADE ON DELETE CASCADE
);

-- What rules have found. An alert outlives its rule. It belongs to the device's organization.
CREATE TABLE alerts (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization     text COLLATE "C" NOT NULL,
    device_id        bigint      NOT NULL,
    rule_id          bigint      NOT NULL,
    rule_version     integer     NOT NULL,
    rule_name        text        NOT NULL,
    -- Tells alerts of one rule and device apart; empty unless the rule says otherwise.
    key              text        NOT NULL,
    severity         text        NOT NULL CHECK (severity IN ('info', 'warning', 'major', 'critical')),
    message          text        NOT NULL,
    state            text        NOT NULL CHECK (state IN ('active', 'acknowledged', 'resolved')),
    -- Of a rule that is only being tried: it tells nobody.
    is_shadow        boolean     NOT NULL,
    -- Stays until somebody resolves it, even when what it is about has ended.
    is_latched       boolean     NOT NULL,
    assignee         text        NOT NULL DEFAULT '',
    false_positive   boolean     NOT NULL DEFAULT false,
    occurrences      bigint      NOT NULL DEFAULT 1,
    began_at         timestamptz NOT NULL,
    last_occurred_at timestamptz NOT NULL,
    -- When what it is about ended; it may have been resolved before or after that.
    cleared_at       timestamptz,
    acknowledged_at  timestamptz,
    acknowledged_by  text,
    resolved_at      timestamptz,
    resolved_by      text,
    created_at       timestamptz NOT NULL,
    -- The values and window states that made the rule speak.
    why              json        NOT NULL,
    -- Whom to tell, and how: as the rule said when it began.
    policy           json        NOT NULL,
    UNIQUE (id, organization),
    -- The same beginning, read from the log once more after a crash, changes nothing.
    UNIQUE (rule_id, device_id, key, began_at),
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization) ON UPDATE CASCADE
);
CREATE UNIQUE INDEX alerts_open ON alerts (rule_id, device_id, key) WHERE resolved_at IS NULL;
CREATE INDEX alerts_not_cleared ON alerts (rule_id, device_id) WHERE cleared_at IS NULL;
CREATE INDEX alerts_organization ON alerts (organization, id);
CREATE INDEX alerts_device ON alerts (device_id, id);

-- Everything that happened to an alert.
CREATE TABLE alert_events (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id     bigint      NOT NULL,
    organization text COLLATE "C" NOT NULL,
    at           timestamptz NOT NULL,
    kind         text        NOT NULL,
    actor        text        NOT NULL,
    detail       text        NOT NULL,
    FOREIGN KEY (alert_id, organization) REFERENCES alerts (id, organization) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX alert_events_alert ON alert_events (alert_id, id);

ALTER TABLE rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE rules FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON rules USING (in_scope(organization));
ALTER TABLE rule_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE rule_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON rule_versions USING (in_scope(organization));
ALTER TABLE alerts ENABLE ROW LEVEL SECURITY;
ALTER TABLE alerts FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON alerts USING (in_scope(organization));
ALTER TABLE alert_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE alert_events FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON alert_events USING (in_scope(organization));
