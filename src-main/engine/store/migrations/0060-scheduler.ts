/** Runs that wait for a place, in no order but that of their ids, and the back-ends that a person added. */
export const scheduler = `
CREATE TABLE run_queue (
  execution_id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  agent_id TEXT NOT NULL,
  agent_name TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  tier TEXT NOT NULL,
  limits TEXT NOT NULL,
  concurrency INTEGER NOT NULL,
  priority TEXT NOT NULL,
  origin TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  queued_at INTEGER NOT NULL,
  not_before INTEGER,
  deadline_at INTEGER,
  avoid TEXT
) STRICT, WITHOUT ROWID;
-- Counted at each start: this index is a tenth of the table.
CREATE INDEX run_queue_by_seq ON run_queue (seq);

CREATE TABLE execution_backends (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  remote TEXT NOT NULL,
  weight INTEGER NOT NULL,
  max_concurrent INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`
