-- Devices by the gateway that they stand behind: counted when a gateway brings another.
CREATE INDEX devices_behind ON devices ((metadata->>'gateway')) WHERE metadata->>'gateway' IS NOT NULL;

-- What makes one firmware image of another; the bytes are files.
CREATE TABLE firmware_deltas (
    base_id      bigint      NOT NULL REFERENCES firmware_images (id) ON DELETE CASCADE,
    image_id     bigint      NOT NULL,
    organization text COLLATE "C" NOT NULL,
    -- 0 if it was tried and is of no use.
    size         bigint      NOT NULL CHECK (size >= 0),
    sha256       text        NOT NULL,
    made_at      timestamptz NOT NULL,
    PRIMARY KEY (image_id, base_id),
    FOREIGN KEY (image_id, organization) REFERENCES firmware_images (id, organization)
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX firmware_deltas_base ON firmware_deltas (base_id);
ALTER TABLE firmware_deltas ENABLE ROW LEVEL SECURITY;
ALTER TABLE firmware_deltas FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON firmware_deltas USING (in_scope(organization));
