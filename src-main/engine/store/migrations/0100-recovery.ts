/**
 * What failed and what was done about it. A group is equal failures of one agent; an escalation says that a person was
 * told of one. A restart is one more try by the engine; the budget of an agent is how many of them were made in a row.
 */
export const recovery = `
CREATE TABLE recovery_events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  agent_id TEXT,
  agent_name TEXT,
  execution_id TEXT,
  correlation_id TEXT NOT NULL,
  type TEXT NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  step TEXT NOT NULL,
  reason TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  delay_ms INTEGER,
  group_key TEXT NOT NULL
) STRICT;
CREATE INDEX recovery_events_by_agent ON recovery_events (agent_id, seq);
CREATE INDEX recovery_events_by_group ON recovery_events (group_key, at);
CREATE INDEX recovery_events_by_time ON recovery_events (at);

CREATE TABLE recovery_escalations (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  group_key TEXT NOT NULL,
  why TEXT NOT NULL,
  agent_id TEXT,
  title TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX recovery_escalations_by_group ON recovery_escalations (group_key, at);
CREATE INDEX recovery_escalations_by_time ON recovery_escalations (at);

CREATE TABLE recovery_restarts (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  agent_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  max INTEGER NOT NULL,
  delay_ms INTEGER NOT NULL,
  reason TEXT NOT NULL,
  failed_execution_id TEXT,
  execution_id TEXT,
  outcome TEXT NOT NULL
) STRICT;
CREATE INDEX recovery_restarts_by_agent ON recovery_restarts (agent_id, seq);
CREATE INDEX recovery_restarts_open ON recovery_restarts (agent_id) WHERE outcome IN ('waiting', 'started');

CREATE TABLE recovery_budgets (
  agent_id TEXT PRIMARY KEY,
  attempts INTEGER NOT NULL,
  max INTEGER NOT NULL,
  next_at INTEGER,
  running_since INTEGER
) STRICT, WITHOUT ROWID;
`
