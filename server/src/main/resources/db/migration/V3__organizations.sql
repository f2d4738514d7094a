-- Every record belongs to an organization, named by its path in the tree. A transaction says for whom it works in
-- `iotflow.organization`; rows of other organizations do not exist for it, not even through a mistake in its SQL.
CREATE TABLE organizations (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    path        text COLLATE "C" NOT NULL UNIQUE CHECK (path ~ '^/1/([1-9][0-9]*/)*$'),
    parent      text COLLATE "C" REFERENCES organizations (path),
    name        text        NOT NULL,
    revision    bigint      NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    UNIQUE NULLS NOT DISTINCT (parent, name)
);

INSERT INTO organizations (path, parent, name, created_at) VALUES ('/1/', NULL, 'root', now());

-- An unset or emptied setting sees nothing.
CREATE FUNCTION in_scope(organization text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN starts_with(organization, nullif(current_setting('iotflow.organization', true), ''));

ALTER TABLE devices ADD COLUMN organization text COLLATE "C" NOT NULL DEFAULT '/1/' REFERENCES organizations (path);
ALTER TABLE devices ALTER COLUMN organization DROP DEFAULT;
ALTER TABLE devices ADD UNIQUE (id, organization);
DROP INDEX devices_name;
CREATE UNIQUE INDEX devices_name ON devices (name, organization) WHERE status <> 'decommissioned';

-- What belongs to a device moves with it.
ALTER TABLE device_keys ADD COLUMN organization text COLLATE "C" NOT NULL DEFAULT '/1/';
ALTER TABLE device_keys ALTER COLUMN organization DROP DEFAULT;
ALTER TABLE device_keys ADD FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization)
    ON UPDATE CASCADE;
ALTER TABLE configurations ADD COLUMN organization text COLLATE "C" NOT NULL DEFAULT '/1/';
ALTER TABLE configurations ALTER COLUMN organization DROP DEFAULT;
ALTER TABLE configurations ADD FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization)
    ON UPDATE CASCADE;

ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON organizations USING (in_scope(path));
ALTER TABLE devices ENABLE ROW LEVEL SECURITY;
ALTER TABLE devices FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON devices USING (in_scope(organization));
ALTER TABLE device_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE device_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON device_keys USING (in_scope(organization));
ALTER TABLE configurations ENABLE ROW LEVEL SECURITY;
ALTER TABLE configurations FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON configurations USING (in_scope(organization));
