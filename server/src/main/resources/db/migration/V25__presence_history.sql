-- When devices came and went; the latest of each.
CREATE TABLE presence_changes (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id    bigint      NOT NULL,
    organization text COLLATE "C" NOT NULL,
    is_online    boolean     NOT NULL,
    at           timestamptz NOT NULL,
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization)
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX presence_changes_device ON presence_changes (device_id, id);
ALTER TABLE presence_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE presence_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON presence_changes USING (in_scope(organization));
