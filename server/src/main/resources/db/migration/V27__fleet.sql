-- As V18 did for devices: the same rows as before, but the setting is read once for a statement and not for each row.
DO $$
DECLARE it record;
BEGIN
    FOR it IN SELECT tablename FROM pg_policies WHERE schemaname = current_schema() AND policyname = 'scope'
        AND qual = 'in_scope(organization)'
    LOOP
        EXECUTE format('ALTER POLICY scope ON %I USING (starts_with(organization, '
            '(SELECT nullif(current_setting(''iotflow.organization'', true), ''''))))', it.tablename);
    END LOOP;
END $$;

-- What stands in devices' metadata, by a number for each text, number, truth or null and its place. Behind row-level
-- security PostgreSQL goes by leakproof operators only: not by those of jsonb, but by those of numbers. What has the
-- same mark by chance is told apart by the metadata itself.
SELECT set_config('iotflow.organization', '/1/', true);

CREATE FUNCTION metadata_mark(place text[], value jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN jsonb_hash_extended(value, hash_array_extended(place, 0));

CREATE FUNCTION metadata_marks(metadata jsonb) RETURNS SETOF bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH RECURSIVE members (place, value) AS (
        SELECT ARRAY[key], value FROM jsonb_each(CASE jsonb_typeof(metadata) WHEN 'object' THEN metadata ELSE '{}' END)
        UNION ALL
        SELECT place || inside.key, inside.value FROM members,
            jsonb_each(CASE jsonb_typeof(members.value) WHEN 'object' THEN members.value ELSE '{}' END) AS inside
    )
    SELECT DISTINCT metadata_mark(place, value) FROM members WHERE jsonb_typeof(value) NOT IN ('object', 'array')
$$;

-- Written by the triggers below only, which see to what a foreign key would: devices are never deleted.
CREATE TABLE device_marks (
    mark         bigint NOT NULL,
    device_id    bigint NOT NULL,
    organization text COLLATE "C" NOT NULL,
    PRIMARY KEY (mark, device_id)
);
CREATE INDEX device_marks_device ON device_marks (device_id);
INSERT INTO device_marks (mark, device_id, organization)
    SELECT mark, id, organization FROM devices, metadata_marks(metadata) AS mark;
ALTER TABLE device_marks ENABLE ROW LEVEL SECURITY;
ALTER TABLE device_marks FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON device_marks
    USING (starts_with(organization, (SELECT nullif(current_setting('iotflow.organization', true), ''))));

CREATE FUNCTION mark_new_device() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO device_marks (mark, device_id, organization)
        SELECT mark, NEW.id, NEW.organization FROM metadata_marks(NEW.metadata) AS mark;
    RETURN NULL;
END $$;
CREATE FUNCTION mark_changed_device() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM device_marks WHERE device_id = NEW.id AND mark NOT IN (SELECT metadata_marks(NEW.metadata));
    UPDATE device_marks SET organization = NEW.organization
        WHERE device_id = NEW.id AND organization <> NEW.organization;
    INSERT INTO device_marks (mark, device_id, organization)
        SELECT mark, NEW.id, NEW.organization FROM metadata_marks(NEW.metadata) AS mark ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER mark_new AFTER INSERT ON devices FOR EACH ROW WHEN (NEW.metadata <> '{}')
    EXECUTE FUNCTION mark_new_device();
CREATE TRIGGER mark_changed AFTER UPDATE OF metadata, organization ON devices FOR EACH ROW
    WHEN (NEW.metadata IS DISTINCT FROM OLD.metadata OR NEW.organization <> OLD.organization)
    EXECUTE FUNCTION mark_changed_device();

-- Lists may be sorted by them. There is none by when a device was seen last, because that is written all the time.
CREATE INDEX devices_created ON devices (created_at, id);
CREATE INDEX devices_updated ON devices (updated_at, id);

-- What comes with device types was only kept so far. From now on it is the outermost level of their devices'
-- configurations. Keys that no configuration can have stay out.
INSERT INTO configurations (organization, target, version, content, author, note, active, created_at, activated_at,
    activated_by)
SELECT organization, 'default:' || name, 1, entries, 'platform', '', true, now(), now(), 'platform'
FROM device_types, LATERAL (
    SELECT jsonb_object_agg(key, jsonb_build_object('value', value,
        'data_type', CASE jsonb_typeof(value) WHEN 'string' THEN 'string' WHEN 'boolean' THEN 'boolean'
            WHEN 'number' THEN CASE WHEN value::text ~ '^-?[0-9]+$' THEN 'integer' ELSE 'float' END ELSE 'json' END,
        'updated_at', to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))) AS entries
    FROM jsonb_each(content -> 'default_configuration') WHERE key ~ '^[A-Za-z0-9_.:/-]{1,128}$') AS default_entries
WHERE entries IS NOT NULL;
INSERT INTO configuration_spreads (organization, target, after_device, created_at)
SELECT organization, target, 0, now() FROM configurations WHERE starts_with(target, 'default:');
