-- What callers watch and metrics count: every change of a delivery's state, in the order of commits. AUTOINCREMENT: a
-- position is never used again, so that a cursor kept over years can't skip anything.
CREATE TABLE changes (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  was INTEGER NOT NULL, -- the state before
  state INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;

-- A trigger, so that no statement that ends a delivery can forget it.
CREATE TRIGGER deliveries_changed AFTER UPDATE OF state ON deliveries WHEN new.state <> old.state BEGIN
  INSERT INTO changes (message_id, number, was, state, reason, at_ms)
  VALUES (new.message_id, new.number, old.state, new.state, new.reason, new.updated_at_ms);
END;
