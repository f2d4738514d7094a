-- People and programs that operate the platform, and how they prove who they are. No secret stands here as it was
-- given: passwords as Argon2id, tokens and codes as SHA-256. The exceptions are the secrets that the platform itself
-- computes with: signing keys, and those of one-time passwords.
CREATE TABLE roles (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path),
    name         text        NOT NULL CHECK (name NOT IN ('admin', 'operator', 'viewer')),
    permissions  text[]      NOT NULL,
    created_at   timestamptz NOT NULL,
    UNIQUE (organization, name),
    UNIQUE (id, organization)
);

-- A name is unique on the whole platform, because whoever signs in names no organization.
CREATE TABLE users (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization   text COLLATE "C" NOT NULL REFERENCES organizations (path),
    name           text        NOT NULL,
    password       text        NOT NULL,
    built_in_role  text CHECK (built_in_role IN ('admin', 'operator', 'viewer')),
    role_id        bigint,
    disabled       boolean     NOT NULL DEFAULT false,
    failures       integer     NOT NULL DEFAULT 0,
    locked_until   timestamptz,
    totp_secret    bytea,
    totp_confirmed boolean     NOT NULL DEFAULT false,
    totp_step      bigint      NOT NULL DEFAULT 0,
    recovery_codes text[]      NOT NULL DEFAULT '{}',
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    UNIQUE (id, organization),
    CHECK (num_nonnulls(built_in_role, role_id) = 1),
    FOREIGN KEY (role_id, organization) REFERENCES roles (id, organization)
);
CREATE UNIQUE INDEX users_name ON users (lower(name));

-- One row for each session: it holds the latest refresh token only, so that an older one is known by not being it.
CREATE TABLE refresh_tokens (
    session      uuid PRIMARY KEY,
    user_id      bigint      NOT NULL,
    organization text COLLATE "C" NOT NULL,
    hash         bytea       NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    FOREIGN KEY (user_id, organization) REFERENCES users (id, organization) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);

CREATE TABLE service_tokens (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path),
    name         text        NOT NULL,
    hash         bytea       NOT NULL UNIQUE,
    permissions  text[]      NOT NULL,
    created_by   text        NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);

-- Ed25519, the newest signs.
CREATE TABLE signing_keys (
    id           text PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path),
    public_key   bytea       NOT NULL,
    private_key  bytea       NOT NULL,
    created_at   timestamptz NOT NULL
);

ALTER TABLE roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE roles FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON roles USING (in_scope(organization));
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON users USING (in_scope(organization));
ALTER TABLE refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE refresh_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON refresh_tokens USING (in_scope(organization));
ALTER TABLE service_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE service_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON service_tokens USING (in_scope(organization));
ALTER TABLE signing_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE signing_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON signing_keys USING (in_scope(organization));
