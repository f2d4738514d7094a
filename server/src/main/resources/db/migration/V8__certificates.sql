-- Certificates with which devices prove who they are. Only what names one is kept: a certificate is no secret, but the
-- platform needs no more of it.
CREATE TABLE device_certificates (
    fingerprint   bytea PRIMARY KEY CHECK (length(fingerprint) = 32),
    device_id     bigint      NOT NULL,
    organization  text COLLATE "C" NOT NULL,
    -- Issued by the platform, or by an authority that the operator trusts.
    source        text        NOT NULL CHECK (source IN ('issued', 'registered')),
    serial        text        NOT NULL,
    subject       text        NOT NULL,
    issuer        text        NOT NULL,
    -- What it calls its owner.
    names         text[]      NOT NULL,
    not_before    timestamptz NOT NULL,
    not_after     timestamptz NOT NULL,
    -- When it ends: with its own time, or with the grace that it has since another took its place.
    ends_at       timestamptz NOT NULL CHECK (ends_at <= not_after),
    created_at    timestamptz NOT NULL,
    revoked_at    timestamptz,
    reason        text,
    CHECK ((revoked_at IS NULL) = (reason IS NULL)),
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization) ON UPDATE CASCADE
);

CREATE INDEX device_certificates_device ON device_certificates (device_id);
CREATE INDEX device_certificates_end ON device_certificates (ends_at, fingerprint) WHERE revoked_at IS NULL;

ALTER TABLE device_certificates ENABLE ROW LEVEL SECURITY;
ALTER TABLE device_certificates FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON device_certificates USING (in_scope(organization));
