/** Grants under way, who went beyond theirs, and the history of use in steps of several widths. */
export const resources = `
CREATE TABLE allocations (
  execution_id TEXT PRIMARY KEY,
  grant_no INTEGER NOT NULL,
  agent_id TEXT NOT NULL,
  agent_name TEXT NOT NULL,
  backend TEXT NOT NULL,
  memory_bytes INTEGER NOT NULL,
  cpu_millis INTEGER NOT NULL,
  disk_io_mbps INTEGER NOT NULL,
  network_io_mbps INTEGER NOT NULL,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE violations (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  execution_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  agent_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  used REAL NOT NULL,
  granted REAL NOT NULL,
  action TEXT NOT NULL,
  in_a_row INTEGER NOT NULL
) STRICT;
CREATE INDEX violations_by_agent ON violations (agent_id, seq);
CREATE INDEX violations_by_time ON violations (at);

-- scope: an agent, or empty for all together. figures: for memory, cpu, disk and network each the number of
-- measurements, least, sum, most and grant, as 20 little-endian doubles. Sums, so that steps join without loss.
CREATE TABLE usage_steps (
  scope TEXT NOT NULL,
  step_ms INTEGER NOT NULL,
  at INTEGER NOT NULL,
  figures BLOB NOT NULL,
  PRIMARY KEY (scope, step_ms, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_steps_by_age ON usage_steps (step_ms, at);
`
