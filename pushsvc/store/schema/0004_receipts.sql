-- 1: a vendor's report is later news than its answer, also where it is written first. 2: taken back, the last news.
ALTER TABLE deliveries ADD COLUMN is_reported INTEGER NOT NULL DEFAULT 0;

-- A report names the content, which other messages may share; most don't, and have no entry here.
CREATE INDEX messages_by_shared_content ON messages (content_id) WHERE content_id <> message_id;
