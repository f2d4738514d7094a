-- Public keys that firmware must be signed with, of an organization and those below it.
CREATE TABLE firmware_keys (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE,
    name         text        NOT NULL,
    algorithm    text        NOT NULL CHECK (algorithm IN ('ed25519', 'ecdsa')),
    -- SubjectPublicKeyInfo.
    public_key   bytea       NOT NULL,
    created_at   timestamptz NOT NULL,
    UNIQUE (organization, name)
);
ALTER TABLE firmware_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE firmware_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON firmware_keys USING (in_scope(organization));

-- What is known of firmware images; their bytes are files.
CREATE TABLE firmware_images (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE,
    name         text        NOT NULL,
    version      text        NOT NULL,
    channel      text        NOT NULL CHECK (channel IN ('stable', 'beta')),
    -- Empty for all.
    device_types      text[] NOT NULL,
    hardware_versions text[] NOT NULL,
    release_notes text       NOT NULL,
    size         bigint      NOT NULL CHECK (size > 0),
    sha256       text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    -- For clients that know no better; made when the image is complete.
    sha1         text        NOT NULL DEFAULT '',
    md5          text        NOT NULL DEFAULT '',
    signature    bytea,
    -- The key that has signed it; it may be gone since.
    key_id       bigint      REFERENCES firmware_keys (id) ON DELETE SET NULL,
    state        text        NOT NULL CHECK (state IN ('uploading', 'ready', 'withdrawn')),
    revision     bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    UNIQUE (id, organization),
    UNIQUE (organization, name, version)
);
CREATE INDEX firmware_images_organization ON firmware_images (organization, id);
ALTER TABLE firmware_images ENABLE ROW LEVEL SECURITY;
ALTER TABLE firmware_images FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON firmware_images USING (in_scope(organization));

-- An image that comes to many devices, stage by stage.
CREATE TABLE rollouts (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE,
    name         text        NOT NULL,
    image_id     bigint      NOT NULL REFERENCES firmware_images (id),
    content      jsonb       NOT NULL,
    state        text        NOT NULL CHECK (state IN ('awaiting_approval', 'scheduled', 'running', 'paused',
                                 'halted', 'rolling_back', 'rolled_back', 'finished', 'aborted')),
    -- From 0; which one devices are offered the image in.
    stage        integer     NOT NULL DEFAULT 0,
    reason       text        NOT NULL DEFAULT '',
    -- Kind and number, to tell one person from another.
    author       text        NOT NULL,
    author_name  text        NOT NULL,
    approver_name text       NOT NULL DEFAULT '',
    revision     bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    started_at   timestamptz,
    ended_at     timestamptz,
    updated_at   timestamptz NOT NULL,
    UNIQUE (id, organization)
);
CREATE INDEX rollouts_organization ON rollouts (organization, id);
CREATE INDEX rollouts_image ON rollouts (image_id);
CREATE INDEX rollouts_alive ON rollouts (id) WHERE ended_at IS NULL;
ALTER TABLE rollouts ENABLE ROW LEVEL SECURITY;
ALTER TABLE rollouts FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON rollouts USING (in_scope(organization));

-- One device on its way from one firmware to another.
CREATE TABLE firmware_updates (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL,
    device_id    bigint      NOT NULL,
    image_id     bigint      NOT NULL REFERENCES firmware_images (id),
    rollout_id   bigint      REFERENCES rollouts (id) ON DELETE SET NULL,
    -- Back to the image before, after the rollout was halted.
    is_rollback  boolean     NOT NULL,
    from_version text        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('offered', 'downloading', 'downloaded', 'verified', 'installing',
                                 'installed', 'failed', 'rolled_back', 'cancelled')),
    progress     integer     NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    detail       text        NOT NULL DEFAULT '',
    attempts     integer     NOT NULL DEFAULT 1,
    most_attempts integer    NOT NULL,
    patience_ms  bigint      NOT NULL,
    -- When it counts as failed if nothing more is heard; null while the device has not begun.
    due_at       timestamptz,
    -- The device has still to be told what is new.
    is_untold    boolean     NOT NULL DEFAULT true,
    offered_at   timestamptz NOT NULL,
    changed_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    UNIQUE (id, organization),
    CHECK ((ended_at IS NULL) = (state IN ('offered', 'downloading', 'downloaded', 'verified', 'installing'))),
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization) ON UPDATE CASCADE
);
-- Never two at once.
CREATE UNIQUE INDEX firmware_updates_open ON firmware_updates (device_id) WHERE ended_at IS NULL;
CREATE INDEX firmware_updates_device ON firmware_updates (device_id, id);
CREATE INDEX firmware_updates_image ON firmware_updates (image_id);
CREATE INDEX firmware_updates_rollout ON firmware_updates (rollout_id, is_rollback, state);
CREATE INDEX firmware_updates_untold ON firmware_updates (id) WHERE is_untold;
CREATE INDEX firmware_updates_due ON firmware_updates (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX firmware_updates_fresh ON firmware_updates (ended_at) WHERE state = 'installed';
ALTER TABLE firmware_updates ENABLE ROW LEVEL SECURITY;
ALTER TABLE firmware_updates FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON firmware_updates USING (in_scope(organization));

-- The timeline of an update.
CREATE TABLE firmware_update_steps (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    update_id    bigint      NOT NULL,
    organization text COLLATE "C" NOT NULL,
    at           timestamptz NOT NULL,
    state        text        NOT NULL,
    detail       text        NOT NULL,
    FOREIGN KEY (update_id, organization) REFERENCES firmware_updates (id, organization)
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX firmware_update_steps_update ON firmware_update_steps (update_id, id);
ALTER TABLE firmware_update_steps ENABLE ROW LEVEL SECURITY;
ALTER TABLE firmware_update_steps FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON firmware_update_steps USING (in_scope(organization));

-- Which devices a rollout is for, and in which of its stages.
CREATE TABLE rollout_devices (
    rollout_id   bigint      NOT NULL,
    device_id    bigint      NOT NULL,
    organization text COLLATE "C" NOT NULL,
    stage        integer     NOT NULL,
    -- Null until the device was offered the image.
    update_id    bigint      REFERENCES firmware_updates (id) ON DELETE SET NULL,
    PRIMARY KEY (rollout_id, device_id),
    FOREIGN KEY (rollout_id) REFERENCES rollouts (id) ON DELETE CASCADE,
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization) ON UPDATE CASCADE
);
CREATE INDEX rollout_devices_waiting ON rollout_devices (rollout_id, stage, device_id) WHERE update_id IS NULL;
CREATE INDEX rollout_devices_update ON rollout_devices (update_id);
ALTER TABLE rollout_devices ENABLE ROW LEVEL SECURITY;
ALTER TABLE rollout_devices FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON rollout_devices USING (in_scope(organization));
