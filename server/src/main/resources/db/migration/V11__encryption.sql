-- Keys that seal what is sensitive. None stands here in the clear: each is wrapped by the wrapping key, and that one by
-- the master key, which stands outside the database.
CREATE TABLE wrapping_keys (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path),
    wrapped      text        NOT NULL,
    created_at   timestamptz NOT NULL
);

-- A key never changes what it is for. The one that is not retired seals; the others only open.
CREATE TABLE encryption_keys (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path) ON DELETE CASCADE,
    purpose      text        NOT NULL CHECK (purpose IN ('platform', 'organization')),
    version      integer     NOT NULL CHECK (version > 0),
    -- Nothing once the key is destroyed.
    wrapped      bytea,
    -- So that no key can be wrapped by a wrapping key that was replaced meanwhile.
    wrapped_by   integer     NOT NULL REFERENCES wrapping_keys (id),
    created_at   timestamptz NOT NULL,
    retired_at   timestamptz,
    destroyed_at timestamptz,
    UNIQUE (organization, purpose, version),
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL)),
    CHECK (destroyed_at IS NULL OR retired_at IS NOT NULL)
);
CREATE UNIQUE INDEX encryption_keys_sealing ON encryption_keys (organization, purpose) WHERE retired_at IS NULL;

-- What an organization, and those below it, want sealed.
CREATE TABLE sensitive_fields (
    organization text COLLATE "C" PRIMARY KEY REFERENCES organizations (path) ON DELETE CASCADE,
    metrics      text[]      NOT NULL,
    metadata     text[]      NOT NULL,
    updated_at   timestamptz NOT NULL
);

ALTER TABLE wrapping_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE wrapping_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON wrapping_keys USING (in_scope(organization));
ALTER TABLE encryption_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE encryption_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON encryption_keys USING (in_scope(organization));
ALTER TABLE sensitive_fields ENABLE ROW LEVEL SECURITY;
ALTER TABLE sensitive_fields FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON sensitive_fields USING (in_scope(organization));
