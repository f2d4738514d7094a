-- What rules do to devices beside telling somebody, and what became of it. Written in the transaction of the alert's
-- beginning or end; goes with the alert.
CREATE TABLE alert_actions (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id     bigint      NOT NULL,
    organization text COLLATE "C" NOT NULL,
    device_id    bigint      NOT NULL,
    rule_id      bigint      NOT NULL,
    rule_name    text        NOT NULL,
    event        text        NOT NULL CHECK (event IN ('begun', 'resolved')),
    -- In the rule's list of actions.
    place        integer     NOT NULL CHECK (place >= 0),
    -- The action, as the rule said when the alert began.
    content      jsonb       NOT NULL,
    state        text        NOT NULL CHECK (state IN ('waiting', 'done', 'failed', 'suppressed')),
    attempts     integer     NOT NULL DEFAULT 0,
    -- When it is done; while it is being done, when that is given up for dead.
    due_at       timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    UNIQUE (alert_id, event, place),
    CHECK ((state = 'waiting') = (ended_at IS NULL)),
    FOREIGN KEY (alert_id, organization) REFERENCES alerts (id, organization) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX alert_actions_due ON alert_actions (due_at) WHERE state = 'waiting';
CREATE INDEX alert_actions_waiting ON alert_actions (device_id, id) WHERE state = 'waiting';
CREATE INDEX alert_actions_done ON alert_actions (rule_id, device_id, ended_at);

ALTER TABLE alert_actions ENABLE ROW LEVEL SECURITY;
ALTER TABLE alert_actions FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON alert_actions USING (in_scope(organization));
