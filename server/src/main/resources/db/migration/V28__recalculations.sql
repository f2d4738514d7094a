-- Stored measurements that are made again of what devices sent, as far as that has come.
CREATE TABLE recalculations (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id    bigint      NOT NULL,
    organization text COLLATE "C" NOT NULL,
    sensor_id    bigint      NOT NULL,
    is_running   boolean     NOT NULL,
    -- As the API answers.
    content      jsonb       NOT NULL,
    -- When whoever runs it said so last: a node that died says nothing more.
    seen_at      timestamptz NOT NULL,
    FOREIGN KEY (device_id, organization) REFERENCES devices (id, organization) ON UPDATE CASCADE
);
CREATE INDEX recalculations_device ON recalculations (device_id);
CREATE INDEX recalculations_organization ON recalculations (organization, id);
ALTER TABLE recalculations ENABLE ROW LEVEL SECURITY;
ALTER TABLE recalculations FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON recalculations
    USING (starts_with(organization, (SELECT nullif(current_setting('iotflow.organization', true), ''))));
