-- The catalogue: what devices of a type measure and how they are to be treated. A type is a JSON document in the API's
-- words and serves the devices of its organization and of those below; every change makes a version.
CREATE TABLE device_types (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE,
    name         text        NOT NULL,
    version      integer     NOT NULL CHECK (version > 0),
    content      jsonb       NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    UNIQUE (organization, name),
    UNIQUE (id, organization)
);

CREATE TABLE device_type_versions (
    type_id      bigint      NOT NULL,
    organization text COLLATE "C" NOT NULL,
    version      integer     NOT NULL CHECK (version > 0),
    content      jsonb       NOT NULL,
    author       text        NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (type_id, version),
    FOREIGN KEY (type_id, organization) REFERENCES device_types (id, organization)
        ON UPDATE CASCADE ON DELETE CASCADE
);

-- What measures one metric of one device. It moves with its device.
CREATE TABLE sensors (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id     bigint      NOT NULL,
    organization  text COLLATE "C" NOT NULL,
    name          text        NOT NULL,
    metric        text        NOT NULL,
    unit          text        NOT NULL DEFAULT '',
    description   text        NOT NULL DEFAULT '',
    multiplier    float8      NOT NULL,
    zero_offset   float8      NOT NULL,
    -- Null for no bound.
    valid_min     float8,
    valid_max     float8,
    interval_days integer,
    calibrated_at timestamptz,
    due_at        timestamptz,
    version       bigint      NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    UNIQUE (device_id, name),
    UNIQUE (device_id, metric),
    UNIQUE (id, organization),
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization) ON UPDATE CASCADE
);

CREATE TABLE sensor_calibrations (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sensor_id     bigint      NOT NULL,
    organization  text COLLATE "C" NOT NULL,
    author        text        NOT NULL,
    before        jsonb       NOT NULL,
    after         jsonb       NOT NULL,
    note          text        NOT NULL,
    calibrated_at timestamptz,
    created_at    timestamptz NOT NULL,
    FOREIGN KEY (sensor_id, organization) REFERENCES sensors (id, organization) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX sensor_calibrations_sensor ON sensor_calibrations (sensor_id, id);

-- The paper that proves the last calibration.
CREATE TABLE sensor_certificates (
    sensor_id    bigint PRIMARY KEY,
    organization text COLLATE "C" NOT NULL,
    file_name    text        NOT NULL,
    media_type   text        NOT NULL,
    sha256       bytea       NOT NULL CHECK (length(sha256) = 32),
    content      bytea       NOT NULL,
    author       text        NOT NULL,
    created_at   timestamptz NOT NULL,
    FOREIGN KEY (sensor_id, organization) REFERENCES sensors (id, organization) ON UPDATE CASCADE ON DELETE CASCADE
);

ALTER TABLE device_types ENABLE ROW LEVEL SECURITY;
ALTER TABLE device_types FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON device_types USING (in_scope(organization));
-- Who uses a type of an organization above may look at it.
CREATE POLICY served ON device_types FOR SELECT
    USING (starts_with(nullif(current_setting('iotflow.organization', true), ''), organization));
ALTER TABLE device_type_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE device_type_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON device_type_versions USING (in_scope(organization));
ALTER TABLE sensors ENABLE ROW LEVEL SECURITY;
ALTER TABLE sensors FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON sensors USING (in_scope(organization));
ALTER TABLE sensor_calibrations ENABLE ROW LEVEL SECURITY;
ALTER TABLE sensor_calibrations FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON sensor_calibrations USING (in_scope(organization));
ALTER TABLE sensor_certificates ENABLE ROW LEVEL SECURITY;
ALTER TABLE sensor_certificates FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON sensor_certificates USING (in_scope(organization));
