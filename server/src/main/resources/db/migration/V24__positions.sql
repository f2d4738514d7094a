-- Devices whose metadata say where they are: a map asks for all of them at once. What is asked for must be written
-- just like this.
CREATE INDEX devices_located ON devices (id)
    WHERE jsonb_exists_any(metadata, ARRAY['latitude', 'lat', 'location', 'position', 'gps']);
