-- Keys with which devices register themselves into an organization, each a number of times. Only hashes are kept.
CREATE TABLE provisioning_keys (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization  text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE,
    name          text        NOT NULL,
    hash          bytea       NOT NULL UNIQUE CHECK (length(hash) = 32),
    -- Empty: the device says of which type it is.
    device_type   text        NOT NULL,
    max_devices   bigint      NOT NULL CHECK (max_devices > 0),
    used          bigint      NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND max_devices),
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz,
    revoked_at    timestamptz
);

CREATE INDEX provisioning_keys_organization ON provisioning_keys (organization, id);

ALTER TABLE provisioning_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE provisioning_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON provisioning_keys USING (in_scope(organization));
