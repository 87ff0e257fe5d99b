/** Lifecycle: runs that wait in a queue, who asked for them and where they run; reports of external agents. */
export const lifecycle = `
ALTER TABLE agents ADD COLUMN last_heartbeat_at INTEGER;
/* The engine keeps in memory which agent is in which state; each change of state paid for this. */
DROP INDEX agents_by_state;

ALTER TABLE executions ADD COLUMN origin TEXT NOT NULL DEFAULT 'operator';
ALTER TABLE executions ADD COLUMN schedule_id TEXT;
ALTER TABLE executions ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
ALTER TABLE executions ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';
ALTER TABLE executions ADD COLUMN backend TEXT;
ALTER TABLE executions ADD COLUMN queued_at INTEGER NOT NULL DEFAULT 0;
/* 1 once the log and the samples of the run were removed. */
ALTER TABLE executions ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0;
UPDATE executions SET queued_at = started_at;
CREATE INDEX executions_open_by_agent ON executions (agent_id) WHERE ended_at IS NULL;
CREATE INDEX executions_unpruned ON executions (ended_at) WHERE ended_at IS NOT NULL AND pruned = 0;
`
