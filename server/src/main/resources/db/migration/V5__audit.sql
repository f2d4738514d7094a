-- What was done, by whom, to what: written in the transaction of the act itself, so that neither exists without the
-- other. `body` is the entry as it is hashed; what is searched by is made from it, so that it cannot say anything else.
-- Entries outlive what they speak of, the organization included, so nothing is referenced.
CREATE TABLE audit_entries (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization text COLLATE "C" NOT NULL,
    body         text NOT NULL,
    leaf_index   bigint UNIQUE CHECK (leaf_index >= 0),
    time         text COLLATE "C" GENERATED ALWAYS AS (body::jsonb ->> 'time') STORED NOT NULL,
    action       text COLLATE "C" GENERATED ALWAYS AS (body::jsonb ->> 'action') STORED NOT NULL,
    actor_id     text COLLATE "C" GENERATED ALWAYS AS (body::jsonb #>> '{actor,id}') STORED NOT NULL,
    actor_name   text COLLATE "C" GENERATED ALWAYS AS (body::jsonb #>> '{actor,name}') STORED NOT NULL,
    target_type  text COLLATE "C" GENERATED ALWAYS AS (body::jsonb #>> '{target,type}') STORED NOT NULL,
    target_id    text COLLATE "C" GENERATED ALWAYS AS (body::jsonb #>> '{target,id}') STORED NOT NULL,
    target_name  text COLLATE "C" GENERATED ALWAYS AS (body::jsonb #>> '{target,name}') STORED NOT NULL
);
CREATE INDEX audit_entries_unnumbered ON audit_entries (id) WHERE leaf_index IS NULL;
CREATE INDEX audit_entries_action ON audit_entries (action, id);
CREATE INDEX audit_entries_actor ON audit_entries (actor_id, id);
CREATE INDEX audit_entries_target ON audit_entries (target_id, id);

-- The Merkle tree over the entries, in tiles of up to 256 hashes of 32 bytes. The log is one for all organizations.
CREATE TABLE audit_tiles (
    organization text COLLATE "C" NOT NULL DEFAULT '/1/',
    level        smallint NOT NULL,
    index        bigint NOT NULL,
    hashes       bytea NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    PRIMARY KEY (level, index)
);

-- What the log has signed: so many entries, with this root.
CREATE TABLE audit_checkpoints (
    organization text COLLATE "C" NOT NULL DEFAULT '/1/',
    size         bigint PRIMARY KEY CHECK (size >= 0),
    note         text NOT NULL,
    created_at   timestamptz NOT NULL
);

-- Whoever works as the platform can only add; an entry's number is given once, a tile only grows.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log only grows: no % of %', TG_OP, TG_TABLE_NAME;
END $$;

CREATE TRIGGER only_the_number_once AFTER UPDATE ON audit_entries FOR EACH ROW
    WHEN (OLD.leaf_index IS NOT NULL OR NEW.leaf_index IS NULL
        OR (OLD.id, OLD.organization, OLD.body) IS DISTINCT FROM (NEW.id, NEW.organization, NEW.body))
    EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER never_delete BEFORE DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER never_truncate BEFORE TRUNCATE ON audit_entries EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER only_growing AFTER UPDATE ON audit_tiles FOR EACH ROW
    WHEN ((OLD.level, OLD.index, OLD.organization) IS DISTINCT FROM (NEW.level, NEW.index, NEW.organization)
        OR OLD.hashes IS DISTINCT FROM substring(NEW.hashes FROM 1 FOR length(OLD.hashes)))
    EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER never_delete BEFORE DELETE ON audit_tiles FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER never_truncate BEFORE TRUNCATE ON audit_tiles EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER never_update BEFORE UPDATE ON audit_checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER never_delete BEFORE DELETE ON audit_checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER never_truncate BEFORE TRUNCATE ON audit_checkpoints EXECUTE FUNCTION refuse_audit_change();

ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON audit_entries USING (in_scope(organization));
ALTER TABLE audit_tiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_tiles FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON audit_tiles USING (in_scope(organization));
ALTER TABLE audit_checkpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_checkpoints FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON audit_checkpoints USING (in_scope(organization));
