-- Configurations of device types and groups beside those of devices; what each device is to have of all of them, and
-- what it says of that. Row security would hide the old rows from the two updates.
SELECT set_config('iotflow.organization', '/1/', true);

ALTER TABLE configurations DROP CONSTRAINT configurations_pkey;
DROP INDEX configurations_active;
ALTER TABLE configurations ALTER COLUMN device_id DROP NOT NULL;
-- device:7, type:thermostat or group:4
ALTER TABLE configurations ADD COLUMN target text COLLATE "C";
ALTER TABLE configurations ADD COLUMN note text NOT NULL DEFAULT '';
-- Null for a draft.
ALTER TABLE configurations ADD COLUMN activated_at timestamptz;
ALTER TABLE configurations ADD COLUMN activated_by text;
UPDATE configurations SET target = 'device:' || device_id, activated_at = created_at, activated_by = author;
ALTER TABLE configurations ALTER COLUMN target SET NOT NULL;
ALTER TABLE configurations ADD PRIMARY KEY (organization, target, version);
ALTER TABLE configurations ADD CHECK ((device_id IS NOT NULL) = starts_with(target, 'device:'));
ALTER TABLE configurations ADD CHECK (NOT active OR activated_at IS NOT NULL);
ALTER TABLE configurations ADD FOREIGN KEY (organization) REFERENCES organizations (path)
    ON UPDATE CASCADE ON DELETE CASCADE;
CREATE UNIQUE INDEX configurations_active ON configurations (organization, target) WHERE active;
CREATE INDEX configurations_device ON configurations (device_id, organization) WHERE device_id IS NOT NULL;

-- What the configurations of a device type must be like.
CREATE TABLE configuration_schemas (
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE ON DELETE CASCADE,
    device_type  text COLLATE "C" NOT NULL,
    revision     bigint      NOT NULL,
    content      json        NOT NULL,
    author       text        NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (organization, device_type)
);

-- What a device is to have: the levels merged. A device without any has no row.
CREATE TABLE configuration_states (
    device_id     bigint      PRIMARY KEY,
    organization  text COLLATE "C" NOT NULL,
    -- By which its levels were found.
    device_type   text        NOT NULL,
    version       bigint      NOT NULL,
    content       jsonb       NOT NULL,
    changed_at    timestamptz NOT NULL,
    -- The version that was handed to the broker last.
    published     bigint      NOT NULL DEFAULT 0,
    acked_version bigint,
    acked_outcome text CHECK (acked_outcome IN ('applied', 'rejected')),
    acked_message text        NOT NULL DEFAULT '',
    acked_at      timestamptz,
    -- What the device says that it has; the hash alone when it says no more.
    reported      jsonb,
    reported_hash text,
    reported_at   timestamptz,
    drift         text        NOT NULL
        CHECK (drift IN ('in_sync', 'pending', 'differs', 'rejected', 'unacknowledged', 'invalid')),
    drift_since   timestamptz NOT NULL,
    -- Why the levels cannot be merged into a version that the schema allows.
    problem       text        NOT NULL DEFAULT '',
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization) ON UPDATE CASCADE
);
CREATE INDEX configuration_states_unpublished ON configuration_states (device_id) WHERE published < version;
CREATE INDEX configuration_states_pending ON configuration_states (changed_at) WHERE drift = 'pending';
CREATE INDEX configuration_states_drifting ON configuration_states (device_id)
    WHERE drift NOT IN ('in_sync', 'pending');

-- Changes of a type or a group that have not reached all their devices; those up to `after_device` have it.
CREATE TABLE configuration_spreads (
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE ON DELETE CASCADE,
    target       text COLLATE "C" NOT NULL,
    after_device bigint      NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (organization, target)
);

-- Devices are served by the types and groups of the organizations above theirs. Queries that show what there is say
-- `in_scope` themselves.
CREATE POLICY served ON configurations FOR SELECT
    USING (starts_with(nullif(current_setting('iotflow.organization', true), ''), organization));
ALTER TABLE configuration_schemas ENABLE ROW LEVEL SECURITY;
ALTER TABLE configuration_schemas FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON configuration_schemas USING (in_scope(organization));
CREATE POLICY served ON configuration_schemas FOR SELECT
    USING (starts_with(nullif(current_setting('iotflow.organization', true), ''), organization));
ALTER TABLE configuration_states ENABLE ROW LEVEL SECURITY;
ALTER TABLE configuration_states FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON configuration_states USING (in_scope(organization));
ALTER TABLE configuration_spreads ENABLE ROW LEVEL SECURITY;
ALTER TABLE configuration_spreads FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON configuration_spreads USING (in_scope(organization));
