-- Devices, their keys. Rows are never removed: a decommissioned device stays, so that its number is never given again.
CREATE TABLE devices (
    -- Numbers of ten digits and more are left to names (an IMEI is a name, never an id).
    id                bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 999999999) PRIMARY KEY,
    name              text        NOT NULL,
    device_type       text        NOT NULL,
    description       text        NOT NULL DEFAULT '',
    location          text        NOT NULL DEFAULT '',
    firmware_version  text        NOT NULL DEFAULT '',
    hardware_version  text        NOT NULL DEFAULT '',
    metadata          jsonb       NOT NULL DEFAULT '{}',
    capabilities      jsonb       NOT NULL DEFAULT '[]',
    user_id           text        NOT NULL DEFAULT '',
    status            text        NOT NULL,
    revision          bigint      NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    last_seen         timestamptz,
    telemetry_count   bigint      NOT NULL DEFAULT 0
) WITH (fillfactor = 80);

-- A decommissioned device gives its name free.
CREATE UNIQUE INDEX devices_name ON devices (name) WHERE status <> 'decommissioned';
CREATE INDEX devices_type ON devices (device_type, id);
CREATE INDEX devices_status ON devices (status, id);

-- Only hashes: a key itself is shown once and kept nowhere.
CREATE TABLE device_keys (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id   bigint      NOT NULL REFERENCES devices (id),
    hash        bytea       NOT NULL CHECK (length(hash) = 32),
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz,
    revoked_at  timestamptz
);

CREATE UNIQUE INDEX device_keys_hash ON device_keys (hash);
CREATE INDEX device_keys_device ON device_keys (device_id);
