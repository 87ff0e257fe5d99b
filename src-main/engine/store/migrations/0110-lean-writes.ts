/**
 * What each act pays for its records, made less: an index is kept where it is asked, and what every record has in common
 * is in none.
 *
 * - A change of state points to the one before it of the same agent, and the agent to its newest: a timeline is walked
 *   along these, so no index by agent has to be written to in another place for every agent.
 * - Which agent an audit record is about stands in a table of its own, filled in slices behind the writing
 *   (engine/audit/agents-index.ts), as the text index is. It is kept in blocks of 8192 records, so that what comes new is
 *   always written at its end.
 * - Successes, records without a code and acts of the engine are nearly all; their indexes hold the others only.
 *
 * None of this is part of a record: the audit table keeps its columns, so hashes, exports and proofs are as before.
 * The conditions of the partial indexes stand word for word in engine/audit/query.ts and severity.ts.
 */
export const leanWrites = `
ALTER TABLE state_changes ADD COLUMN prev INTEGER;
ALTER TABLE agents ADD COLUMN last_change INTEGER;
UPDATE state_changes SET prev =
  (SELECT max(earlier.seq) FROM state_changes AS earlier
   WHERE earlier.agent_id = state_changes.agent_id AND earlier.seq < state_changes.seq);
UPDATE agents SET last_change = (SELECT max(seq) FROM state_changes WHERE agent_id = agents.id);
DROP INDEX state_changes_by_agent;

CREATE TABLE audit_agents (
  block INTEGER NOT NULL,
  agent_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (block, agent_id, seq)
) STRICT, WITHOUT ROWID;
/* How far a table that is filled behind the writing has come. */
CREATE TABLE audit_indexed (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO audit_agents (block, agent_id, seq)
  SELECT seq >> 13 AS block,
    CASE WHEN actor_kind = 'agent' THEN actor_id WHEN json_valid(details) THEN json_extract(details, '$.agentId') END
      AS agent, seq
  FROM audit
  WHERE typeof(CASE WHEN actor_kind = 'agent' THEN actor_id
                    WHEN json_valid(details) THEN json_extract(details, '$.agentId') END) = 'text'
  ORDER BY block, agent, seq;
INSERT INTO audit_indexed (name, seq) SELECT 'agents', coalesce(max(seq), 0) FROM audit;

DROP INDEX audit_by_agent;
DROP INDEX audit_by_kind;
DROP INDEX audit_by_outcome;
DROP INDEX audit_by_severity;
CREATE INDEX audit_by_kind ON audit (actor_kind, seq) WHERE actor_kind <> 'engine';
CREATE INDEX audit_by_outcome ON audit (outcome, seq) WHERE outcome <> 'success';
CREATE INDEX audit_by_severity ON audit (
  CASE WHEN code IN ('SEC_001', 'SCHEMA_001', 'AUDIT_001', 'AUDIT_002') THEN 'critical'
       WHEN outcome = 'failed' THEN 'error'
       WHEN outcome = 'denied' THEN 'warning'
       WHEN action IN ('agent.create', 'agent.edit', 'agent.stop', 'policy.save', 'review.decide', 'secret.create',
                       'secret.reveal', 'secret.delete', 'server.add', 'server.remove', 'audit.key_rotated',
                       'audit.log_started', 'audit.archive', 'audit.export') THEN 'notice'
       ELSE 'info' END, seq
) WHERE outcome <> 'success' OR code IS NOT NULL;
`
