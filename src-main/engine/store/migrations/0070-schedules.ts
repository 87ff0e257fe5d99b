/** Schedules, and what came of each of their times. The attempts of a run are the executions with its correlation id. */
export const schedules = `
CREATE TABLE schedules (
  id TEXT PRIMARY KEY,
  agent_id TEXT NOT NULL REFERENCES agents (id),
  definition TEXT NOT NULL,
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  status_reason TEXT,
  created_at INTEGER NOT NULL,
  next_at INTEGER,
  /* No time up to this one is ever due again, whatever the clock says. */
  last_due_at INTEGER,
  succeeded INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0,
  failures_in_a_row INTEGER NOT NULL DEFAULT 0,
  CHECK (next_at IS NULL OR status = 'active')
) STRICT, WITHOUT ROWID;
CREATE INDEX schedules_due ON schedules (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX schedules_by_agent ON schedules (agent_id);

CREATE TABLE schedule_runs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  schedule_id TEXT NOT NULL REFERENCES schedules (id),
  due_at INTEGER NOT NULL,
  trigger TEXT NOT NULL,
  correlation_id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  /* When the next attempt is to start; null while it stands in line behind others of its schedule. */
  not_before INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  /* The executions whose end is accounted for. */
  settled TEXT NOT NULL DEFAULT '[]',
  reason TEXT,
  code TEXT,
  ended_at INTEGER,
  CHECK ((ended_at IS NULL) = (state = 'waiting'))
) STRICT;
CREATE UNIQUE INDEX schedule_runs_once ON schedule_runs (schedule_id, due_at) WHERE trigger <> 'person';
CREATE INDEX schedule_runs_by_schedule ON schedule_runs (schedule_id, seq);
CREATE INDEX schedule_runs_open ON schedule_runs (schedule_id, seq) WHERE ended_at IS NULL;
CREATE INDEX schedule_runs_due ON schedule_runs (not_before) WHERE ended_at IS NULL;

CREATE INDEX executions_by_schedule ON executions (schedule_id, correlation_id) WHERE schedule_id IS NOT NULL;
`
