-- A message from before shares its content with no other.
ALTER TABLE messages ADD COLUMN content_id INTEGER NOT NULL DEFAULT 0;

UPDATE messages SET content_id = message_id;

ALTER TABLE deliveries ADD COLUMN ignored TEXT NOT NULL DEFAULT ''; -- field names, separated by spaces
