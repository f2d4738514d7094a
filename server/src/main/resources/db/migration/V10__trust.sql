-- Why a device is in quarantine, and since when.
ALTER TABLE devices ADD COLUMN quarantine_reason text NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN quarantined_at timestamptz;

-- From when on a key is due to be replaced, while keys may only grow so old; empty while they may grow as old as they
-- like.
ALTER TABLE device_keys ADD COLUMN rotate_after timestamptz;

-- What a device must prove to be: the key with which it signs, and what it then must say. The challenge is what its next
-- statement must repeat.
CREATE TABLE attestation_references (
    device_id       bigint      PRIMARY KEY,
    organization    text COLLATE "C" NOT NULL,
    public_key      text        NOT NULL,
    firmware_hashes text[]      NOT NULL,
    boot_state      jsonb       NOT NULL,
    challenge       text,
    challenge_until timestamptz,
    updated_at      timestamptz NOT NULL,
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization) ON UPDATE CASCADE
);

-- What devices have stated, as it was signed, and what came of it.
CREATE TABLE attestations (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id    bigint      NOT NULL,
    organization text COLLATE "C" NOT NULL,
    statement    text        NOT NULL,
    differences  text[]      NOT NULL,
    created_at   timestamptz NOT NULL,
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization) ON UPDATE CASCADE
);
CREATE INDEX attestations_device ON attestations (device_id, id);

ALTER TABLE attestation_references ENABLE ROW LEVEL SECURITY;
ALTER TABLE attestation_references FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON attestation_references USING (in_scope(organization));
ALTER TABLE attestations ENABLE ROW LEVEL SECURITY;
ALTER TABLE attestations FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON attestations USING (in_scope(organization));
