/**
 * The audit trail at full strength: boot and steady clock in each record, signed checkpoints, signing keys, the complete
 * nodes of the Merkle tree, sealed segments, and what queries need.
 *
 * The expressions of the indexes on severity and agent stand word for word in engine/audit/query.ts, else SQLite does not
 * use them; a test holds the two together.
 */
export const audit = `
ALTER TABLE audit ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE audit ADD COLUMN boot_id TEXT;
ALTER TABLE audit ADD COLUMN mono INTEGER;

CREATE INDEX audit_by_time ON audit (at, seq);
CREATE INDEX audit_by_actor ON audit (actor_id, seq);
CREATE INDEX audit_by_kind ON audit (actor_kind, seq);
CREATE INDEX audit_by_action ON audit (action, seq);
CREATE INDEX audit_by_agent ON audit (
  CASE WHEN actor_kind = 'agent' THEN actor_id WHEN json_valid(details) THEN json_extract(details, '$.agentId') END, seq
);
CREATE INDEX audit_by_severity ON audit (
  CASE WHEN code IN ('SEC_001', 'SCHEMA_001', 'AUDIT_001', 'AUDIT_002') THEN 'critical'
       WHEN outcome = 'failed' THEN 'error'
       WHEN outcome = 'denied' THEN 'warning'
       WHEN action IN ('agent.create', 'agent.edit', 'agent.stop', 'policy.save', 'review.decide', 'secret.create',
                       'secret.reveal', 'secret.delete', 'server.add', 'server.remove', 'audit.key_rotated',
                       'audit.log_started', 'audit.archive', 'audit.export') THEN 'notice'
       ELSE 'info' END, seq
);

CREATE VIRTUAL TABLE audit_text USING fts5 (
  action, resource, actor_id, reason, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram'
);

CREATE TABLE audit_keys (
  number INTEGER PRIMARY KEY,
  log TEXT NOT NULL,
  key_id TEXT NOT NULL UNIQUE,
  public_key TEXT NOT NULL,
  from_size INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  why TEXT NOT NULL,
  statement TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_keys_no_update BEFORE UPDATE ON audit_keys
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_keys_no_delete BEFORE DELETE ON audit_keys
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;

CREATE TABLE audit_checkpoints (
  number INTEGER PRIMARY KEY,
  log TEXT NOT NULL,
  size INTEGER NOT NULL,
  root TEXT NOT NULL,
  last_hash TEXT NOT NULL,
  at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  prev TEXT,
  signature TEXT NOT NULL
) STRICT;
CREATE INDEX audit_checkpoints_by_size ON audit_checkpoints (size);
CREATE TRIGGER audit_checkpoints_no_update BEFORE UPDATE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_checkpoints_no_delete BEFORE DELETE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;

CREATE TABLE audit_tree (
  level INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER audit_tree_no_update BEFORE UPDATE ON audit_tree
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_tree_no_delete BEFORE DELETE ON audit_tree
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;

CREATE TABLE audit_segments (
  number INTEGER PRIMARY KEY,
  log TEXT NOT NULL,
  first_seq INTEGER NOT NULL UNIQUE,
  last_seq INTEGER NOT NULL UNIQUE,
  root TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  last_hash TEXT NOT NULL,
  sealed_at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  signature TEXT NOT NULL,
  archive_file TEXT,
  archive_bytes INTEGER,
  archived_at INTEGER
) STRICT;
CREATE TRIGGER audit_segments_no_update BEFORE UPDATE ON audit_segments
WHEN OLD.archived_at IS NOT NULL OR NEW.archived_at IS NULL
  OR NEW.number IS NOT OLD.number OR NEW.log IS NOT OLD.log OR NEW.first_seq IS NOT OLD.first_seq
  OR NEW.last_seq IS NOT OLD.last_seq OR NEW.root IS NOT OLD.root OR NEW.prev_hash IS NOT OLD.prev_hash
  OR NEW.last_hash IS NOT OLD.last_hash OR NEW.sealed_at IS NOT OLD.sealed_at OR NEW.key_id IS NOT OLD.key_id
  OR NEW.signature IS NOT OLD.signature
BEGIN SELECT RAISE(ABORT, 'a sealed segment only ever becomes archived'); END;
CREATE TRIGGER audit_segments_no_delete BEFORE DELETE ON audit_segments
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;

DROP TRIGGER audit_no_delete;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
WHEN NOT EXISTS (
  SELECT 1 FROM audit_segments
  WHERE archived_at IS NOT NULL AND OLD.seq BETWEEN first_seq AND last_seq
)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
`
