/** The first schema: agents, runs, tools, secrets (no values), memory, audit. */
export const init = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE agents (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  state_reason TEXT,
  state_changed_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX agents_by_state ON agents (state);

CREATE TABLE agent_versions (
  agent_id TEXT NOT NULL REFERENCES agents (id),
  version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  note TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (agent_id, version)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER agent_versions_immutable BEFORE UPDATE ON agent_versions
BEGIN SELECT RAISE(ABORT, 'an agent version is immutable'); END;

CREATE TABLE state_changes (
  seq INTEGER PRIMARY KEY,
  agent_id TEXT NOT NULL REFERENCES agents (id),
  at INTEGER NOT NULL,
  from_state TEXT,
  to_state TEXT NOT NULL,
  reason TEXT NOT NULL,
  correlation_id TEXT NOT NULL
) STRICT;
CREATE INDEX state_changes_by_agent ON state_changes (agent_id, seq);

CREATE TABLE executions (
  id TEXT PRIMARY KEY,
  agent_id TEXT NOT NULL REFERENCES agents (id),
  agent_version INTEGER NOT NULL,
  correlation_id TEXT NOT NULL,
  state TEXT NOT NULL,
  tier TEXT NOT NULL,
  input TEXT NOT NULL,
  output TEXT NOT NULL,
  exit_code INTEGER,
  end_cause TEXT,
  error_code TEXT,
  error_message TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  peak_memory_bytes INTEGER,
  cpu_time_ms REAL,
  sandbox TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX executions_by_agent ON executions (agent_id, id);
CREATE INDEX executions_open ON executions (state) WHERE ended_at IS NULL;

CREATE TABLE execution_log (
  execution_id TEXT NOT NULL REFERENCES executions (id),
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  source TEXT NOT NULL,
  level TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (execution_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE execution_stats (
  execution_id TEXT NOT NULL REFERENCES executions (id),
  at INTEGER NOT NULL,
  sample TEXT NOT NULL,
  PRIMARY KEY (execution_id, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_memory (
  agent_id TEXT NOT NULL REFERENCES agents (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (agent_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE tool_servers (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  transport TEXT NOT NULL,
  command TEXT NOT NULL,
  args TEXT NOT NULL,
  added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tools (
  id TEXT PRIMARY KEY,
  server_id TEXT NOT NULL REFERENCES tool_servers (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  digest TEXT NOT NULL,
  definition TEXT NOT NULL,
  offered_at INTEGER NOT NULL,
  decision TEXT,
  decided_at INTEGER,
  decided_reason TEXT,
  decided_digest TEXT,
  decided_definition TEXT,
  UNIQUE (server_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX tools_by_status ON tools (status);

CREATE TABLE secrets (
  name TEXT PRIMARY KEY,
  file TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  correlation_id TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  action TEXT NOT NULL,
  resource TEXT NOT NULL,
  outcome TEXT NOT NULL,
  code TEXT,
  reason TEXT NOT NULL,
  details TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_correlation ON audit (correlation_id, seq);
CREATE INDEX audit_by_outcome ON audit (outcome, seq);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
`
