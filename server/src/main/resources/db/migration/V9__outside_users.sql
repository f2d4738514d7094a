-- Users whom an OpenID issuer or a directory vouches for. Such a user is who he is by issuer and subject: a name may be
-- given to somebody else one day. He has no password here.
ALTER TABLE users ALTER COLUMN password DROP NOT NULL;
ALTER TABLE users ADD COLUMN issuer text;
ALTER TABLE users ADD COLUMN subject text;
ALTER TABLE users ADD CHECK (num_nonnulls(issuer, subject) <> 1);
ALTER TABLE users ADD CHECK (num_nonnulls(password, subject) = 1);
CREATE UNIQUE INDEX users_subject ON users (issuer, subject);

-- A session of such a user ends then, however often it is renewed, so that who has left there is out here.
ALTER TABLE refresh_tokens ADD COLUMN ends_at timestamptz;
