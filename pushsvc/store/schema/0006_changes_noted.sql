-- Statements note the changes they make themselves (`store/sqlite/transitions.py`): an UPDATE of a table that has a
-- trigger costs half as much again, even where the trigger does nothing.
DROP TRIGGER deliveries_changed;

-- Without AUTOINCREMENT, which counts in a table of its own. The newest change is never removed, so that a position is
-- still never used again.
CREATE TABLE noted_changes (
  position INTEGER PRIMARY KEY,
  message_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  was INTEGER NOT NULL, -- the state before
  state INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;

INSERT INTO noted_changes SELECT position, message_id, number, was, state, reason, at_ms FROM changes;

-- Where all were removed already: one of no message, to count on from.
INSERT INTO noted_changes SELECT seq, 0, 0, 0, 0, 0, 0 FROM sqlite_sequence
WHERE name = 'changes' AND seq > 0 AND NOT EXISTS (SELECT 1 FROM changes);

DROP TABLE changes;

ALTER TABLE noted_changes RENAME TO changes;
