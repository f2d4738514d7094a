-- What devices report of themselves, written behind the log in batches, and what they shall be, changed by people. Each
-- half has a row of its own, so that the two never wait for one another.
CREATE TABLE shadow_reported (
    device_id    bigint      PRIMARY KEY,
    organization text COLLATE "C" NOT NULL,
    state        jsonb       NOT NULL,
    -- The same tree with [microseconds, version] for each value.
    marks        jsonb       NOT NULL,
    version      bigint      NOT NULL,
    -- Up to where of the log it contains what the device has said, and when the latest of that was received.
    position     bigint      NOT NULL,
    heard_micros bigint      NOT NULL,
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization) ON UPDATE CASCADE
);
CREATE TABLE shadow_desired (
    device_id    bigint      PRIMARY KEY,
    organization text COLLATE "C" NOT NULL,
    state        jsonb       NOT NULL,
    marks        jsonb       NOT NULL,
    version      bigint      NOT NULL,
    -- Where in the log the device itself has wished for something last.
    position     bigint      NOT NULL DEFAULT 0,
    heard_micros bigint      NOT NULL DEFAULT 0,
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization) ON UPDATE CASCADE
);
-- The latest changes of the desired half.
CREATE TABLE shadow_history (
    device_id    bigint      NOT NULL,
    organization text COLLATE "C" NOT NULL,
    version      bigint      NOT NULL,
    -- null emptied it
    patch        jsonb       NOT NULL,
    author       text        NOT NULL,
    changed_at   timestamptz NOT NULL,
    PRIMARY KEY (device_id, version),
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization) ON UPDATE CASCADE
);

ALTER TABLE shadow_reported ENABLE ROW LEVEL SECURITY;
ALTER TABLE shadow_reported FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON shadow_reported USING (in_scope(organization));
ALTER TABLE shadow_desired ENABLE ROW LEVEL SECURITY;
ALTER TABLE shadow_desired FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON shadow_desired USING (in_scope(organization));
ALTER TABLE shadow_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE shadow_history FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON shadow_history USING (in_scope(organization));
