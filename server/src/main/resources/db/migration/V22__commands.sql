-- Commands to devices, and what became of them. A command waits here until the device listens; what is sent and not
-- acknowledged when a node dies is sent again.
CREATE TABLE command_jobs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE,
    type         text        NOT NULL,
    -- As it was asked for: whom, and with which parameters.
    content      jsonb       NOT NULL,
    author       text        NOT NULL,
    -- Commands that may be out at the same time; 0 for any number.
    concurrency  integer     NOT NULL CHECK (concurrency >= 0),
    devices      integer     NOT NULL,
    created_at   timestamptz NOT NULL,
    stopped_at   timestamptz,
    UNIQUE (id, organization)
);
CREATE INDEX command_jobs_organization ON command_jobs (organization, id);

CREATE TABLE commands (
    number          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- As the device knows it.
    id              uuid        NOT NULL UNIQUE,
    organization    text COLLATE "C" NOT NULL,
    device_id       bigint      NOT NULL,
    job_id          bigint REFERENCES command_jobs (id) ON DELETE CASCADE,
    type            text        NOT NULL,
    parameters      jsonb       NOT NULL,
    author          text        NOT NULL,
    priority        integer     NOT NULL,
    -- Whoever sends the same key to the same device again means the same command.
    idempotency_key text,
    not_before      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    delivery_ms     bigint      NOT NULL,
    timeout_ms      bigint      NOT NULL,
    attempts_most   integer     NOT NULL,
    backoff_ms      bigint      NOT NULL,
    state           text        NOT NULL CHECK (state IN ('queued', 'sent', 'delivered', 'acknowledged', 'succeeded',
                                                          'failed', 'expired', 'cancelled')),
    way             text        NOT NULL CHECK (way IN ('none', 'mqtt', 'mqtt_unacknowledged', 'http')),
    attempts        integer     NOT NULL,
    -- When it may be sent, or when its present step has taken too long.
    due_at          timestamptz,
    -- When time alone changes something next.
    wakes_at        timestamptz,
    -- [{"at":…, "state":…, "late":…, "proof":{…}}, …]
    steps           jsonb       NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    CHECK ((ended_at IS NULL) = (state IN ('queued', 'sent', 'delivered', 'acknowledged'))),
    CHECK ((ended_at IS NULL) = (wakes_at IS NOT NULL)),
    UNIQUE (device_id, idempotency_key),
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization) ON UPDATE CASCADE
);
CREATE INDEX commands_device ON commands (device_id, number);
CREATE INDEX commands_waiting ON commands (device_id, priority DESC, number) WHERE state IN ('queued', 'sent');
CREATE INDEX commands_wake ON commands (wakes_at) WHERE ended_at IS NULL;
CREATE INDEX commands_job ON commands (job_id, state, number) WHERE job_id IS NOT NULL;
CREATE INDEX commands_organization ON commands (organization, number);
CREATE INDEX commands_ended ON commands (ended_at) WHERE ended_at IS NOT NULL;

ALTER TABLE command_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE command_jobs FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON command_jobs USING (in_scope(organization));
ALTER TABLE commands ENABLE ROW LEVEL SECURITY;
ALTER TABLE commands FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON commands USING (in_scope(organization));

-- What somebody does to many devices at once, and what came of it at each.
CREATE TABLE batches (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE,
    operation    text        NOT NULL,
    params       jsonb       NOT NULL,
    -- In whose name it is done, also after a restart.
    actor        jsonb       NOT NULL,
    is_atomic    boolean     NOT NULL,
    devices      integer     NOT NULL,
    created_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    UNIQUE (id, organization)
);
CREATE INDEX batches_organization ON batches (organization, id);
CREATE INDEX batches_open ON batches (id) WHERE ended_at IS NULL;

CREATE TABLE batch_outcomes (
    batch_id     bigint      NOT NULL,
    organization text COLLATE "C" NOT NULL,
    place        integer     NOT NULL,
    device_id    bigint      NOT NULL,
    device_name  text        NOT NULL,
    outcome      text        NOT NULL CHECK (outcome IN ('waiting', 'done', 'unchanged', 'failed')),
    detail       text        NOT NULL DEFAULT '',
    PRIMARY KEY (batch_id, place),
    FOREIGN KEY (batch_id, organization) REFERENCES batches (id, organization) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX batch_outcomes_waiting ON batch_outcomes (batch_id, place) WHERE outcome = 'waiting';

ALTER TABLE batches ENABLE ROW LEVEL SECURITY;
ALTER TABLE batches FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON batches USING (in_scope(organization));
ALTER TABLE batch_outcomes ENABLE ROW LEVEL SECURITY;
ALTER TABLE batch_outcomes FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON batch_outcomes USING (in_scope(organization));
