-- Times are epoch milliseconds. States and reasons are the numbers of pushsvc.domain.

CREATE TABLE migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  applied_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE certs (
  cert_id INTEGER PRIMARY KEY AUTOINCREMENT,
  app_id TEXT NOT NULL,
  vendor TEXT NOT NULL,
  display_name TEXT NOT NULL,
  credential BLOB NOT NULL, -- sealed JSON object
  credential_version INTEGER NOT NULL,
  defaults TEXT NOT NULL, -- JSON object
  base_url TEXT NOT NULL,
  health TEXT NOT NULL, -- JSON object
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE access_tokens (
  cert_id INTEGER PRIMARY KEY REFERENCES certs (cert_id) ON DELETE CASCADE,
  credential_version INTEGER NOT NULL,
  value BLOB NOT NULL, -- sealed
  refresh_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT;

-- AUTOINCREMENT: a key is never used again, so that a late word about a removed registration can't hit a new one.
CREATE TABLE registrations (
  registration_key INTEGER PRIMARY KEY AUTOINCREMENT,
  app_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  cert_id INTEGER NOT NULL REFERENCES certs (cert_id),
  vendor TEXT NOT NULL,
  registration_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  registered_at_ms INTEGER NOT NULL
) STRICT;

-- The vendor comes last, so that a logout by registration id alone finds its row too.
CREATE UNIQUE INDEX registrations_by_phone ON registrations (app_id, registration_id, vendor);

CREATE INDEX registrations_by_user ON registrations (app_id, user_id);

CREATE INDEX registrations_by_cert ON registrations (cert_id);

CREATE TABLE messages (
  message_id INTEGER PRIMARY KEY,
  app_id TEXT NOT NULL,
  user_ids TEXT NOT NULL, -- JSON array
  notification BLOB NOT NULL, -- JSON object
  created_at_ms INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  idempotency_key TEXT, -- NULL: none, or given up to a later message
  fingerprint TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX messages_by_idempotency_key ON messages (app_id, idempotency_key)
WHERE idempotency_key IS NOT NULL;

-- What a registration or cert was stays readable after it is gone, hence the copies and no foreign keys to them.
CREATE TABLE deliveries (
  message_id INTEGER NOT NULL REFERENCES messages (message_id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  vendor TEXT NOT NULL,
  cert_id INTEGER NOT NULL,
  registration_key INTEGER NOT NULL,
  registration_id TEXT NOT NULL,
  state INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  reason INTEGER NOT NULL DEFAULT 0,
  vendor_code TEXT NOT NULL DEFAULT '',
  vendor_reason TEXT NOT NULL DEFAULT '',
  advice TEXT NOT NULL DEFAULT '',
  vendor_message_id TEXT NOT NULL DEFAULT '',
  truncated TEXT NOT NULL DEFAULT '', -- field names, separated by spaces
  timeline TEXT, -- JSON array of [at_ms, state, reason, vendor_code, detail]; what happened after the accept
  PRIMARY KEY (message_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_to_claim ON deliveries (cert_id, due_at_ms, message_id, number) WHERE state = 1;

CREATE INDEX deliveries_by_registration ON deliveries (registration_key) WHERE state = 1;

CREATE INDEX deliveries_to_expire ON deliveries (expires_at_ms) WHERE state = 1;
