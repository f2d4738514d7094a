-- What stands at a place of a device's metadata as filters see it: nothing where it is sealed.
CREATE FUNCTION metadata_at(metadata jsonb, place text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN array_length(place, 1) = 1 AND jsonb_typeof(metadata -> place[1]) = 'object'
                     AND jsonb_typeof(metadata -> place[1] -> '$sealed') = 'string'
                     AND (metadata -> place[1]) - '$sealed' = '{}'
                THEN NULL ELSE metadata #> place END;

-- The same rows as before, but the setting is read once for a statement and not once for each row. An index over the
-- metadata would be of no use: behind row-level security PostgreSQL goes by leakproof operators only, and those of jsonb
-- are none.
ALTER POLICY scope ON devices
    USING (starts_with(organization, (SELECT nullif(current_setting('iotflow.organization', true), ''))));

-- Groups form a tree in each organization. What it has a filter for, it holds by the filter, otherwise by its members.
CREATE TABLE device_groups (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization     text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE,
    parent_id        bigint,
    name             text        NOT NULL,
    description      text        NOT NULL,
    filter           text,
    revision         bigint      NOT NULL DEFAULT 1,
    -- Counts the changes of its members, so that every node sees which it must read again.
    members_revision bigint      NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    UNIQUE (organization, name),
    UNIQUE (id, organization),
    FOREIGN KEY (parent_id, organization) REFERENCES device_groups (id, organization) ON UPDATE CASCADE,
    CHECK (parent_id <> id)
);
CREATE INDEX device_groups_parent ON device_groups (parent_id, organization);

-- The organization is the group's; the device belongs to it or to one below.
CREATE TABLE device_group_members (
    group_id     bigint NOT NULL,
    device_id    bigint NOT NULL REFERENCES devices (id),
    organization text COLLATE "C" NOT NULL,
    PRIMARY KEY (group_id, device_id),
    FOREIGN KEY (group_id, organization) REFERENCES device_groups (id, organization)
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX device_group_members_device ON device_group_members (device_id);

ALTER TABLE device_groups ENABLE ROW LEVEL SECURITY;
ALTER TABLE device_groups FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON device_groups USING (in_scope(organization));
ALTER TABLE device_group_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE device_group_members FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON device_group_members USING (in_scope(organization));
