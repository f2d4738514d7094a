-- Named pieces of the earth's surface. A geofence serves the rules of its organization and of those below.
CREATE TABLE geofences (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE,
    name         text        NOT NULL,
    -- {"circle": {…}} or {"polygon": [[latitude, longitude], …]}
    shape        jsonb       NOT NULL,
    revision     bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    UNIQUE (organization, name)
);
CREATE INDEX geofences_organization ON geofences (organization, id);

ALTER TABLE geofences ENABLE ROW LEVEL SECURITY;
ALTER TABLE geofences FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON geofences USING (in_scope(organization));
-- A rule may name a geofence of an organization above its own. Queries that show geofences say `in_scope` themselves.
CREATE POLICY served ON geofences FOR SELECT
    USING (starts_with(nullif(current_setting('iotflow.organization', true), ''), organization));
