-- Each change makes a whole new version; the newest of a device is the one that counts unless an older one is active.
CREATE TABLE configurations (
    device_id   bigint      NOT NULL REFERENCES devices (id),
    version     bigint      NOT NULL,
    content     jsonb       NOT NULL,
    author      text        NOT NULL,
    active      boolean     NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (device_id, version)
);

CREATE UNIQUE INDEX configurations_active ON configurations (device_id) WHERE active;
