-- What happens to measurements before they are stored. A rule is a JSON document in the API's words; every change makes
-- a version.
CREATE TABLE processing_rules (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL REFERENCES organizations (path) ON UPDATE CASCADE,
    name         text        NOT NULL,
    mode         text        NOT NULL CHECK (mode IN ('active', 'off')),
    version      integer     NOT NULL CHECK (version > 0),
    content      jsonb       NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    UNIQUE (organization, name),
    UNIQUE (id, organization)
);

CREATE TABLE processing_rule_versions (
    rule_id      bigint      NOT NULL,
    organization text COLLATE "C" NOT NULL,
    version      integer     NOT NULL CHECK (version > 0),
    content      jsonb       NOT NULL,
    author       text        NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (rule_id, version),
    FOREIGN KEY (rule_id, organization) REFERENCES processing_rules (id, organization)
        ON UPDATE CASCADE ON DELETE CASCADE
);

ALTER TABLE processing_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE processing_rules FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON processing_rules USING (in_scope(organization));
ALTER TABLE processing_rule_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE processing_rule_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON processing_rule_versions USING (in_scope(organization));
