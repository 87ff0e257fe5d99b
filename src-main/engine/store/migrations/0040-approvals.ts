/** Acts that wait for a person, what was decided about them, and the grants that go on answering. */
export const approvals = `
CREATE TABLE approvals (
  id TEXT PRIMARY KEY,
  status TEXT NOT NULL,
  position INTEGER NOT NULL,
  deferrals INTEGER NOT NULL DEFAULT 0,
  caller_kind TEXT NOT NULL,
  caller_id TEXT NOT NULL,
  caller_name TEXT NOT NULL,
  execution_id TEXT,
  tier TEXT,
  correlation_id TEXT NOT NULL,
  action TEXT NOT NULL,
  resource_type TEXT NOT NULL,
  resource TEXT NOT NULL,
  operation TEXT NOT NULL,
  consequence TEXT NOT NULL,
  arguments TEXT NOT NULL,
  arguments_bytes INTEGER NOT NULL,
  recent TEXT NOT NULL,
  rule TEXT,
  why TEXT NOT NULL,
  policy_set TEXT NOT NULL,
  digest TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  deadline INTEGER NOT NULL,
  decided_at INTEGER,
  decided_by_kind TEXT,
  decided_by_id TEXT,
  decision_reason TEXT,
  scope TEXT,
  minutes INTEGER,
  grant_id TEXT,
  claimed INTEGER NOT NULL DEFAULT 0,
  result TEXT,
  result_code TEXT,
  result_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX approvals_pending ON approvals (position) WHERE status = 'pending';
CREATE INDEX approvals_closed ON approvals (decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX approvals_by_digest ON approvals (digest);
CREATE TRIGGER approvals_decided_once BEFORE UPDATE OF status ON approvals WHEN OLD.status <> 'pending'
BEGIN SELECT RAISE(ABORT, 'an approval is decided once'); END;
CREATE TRIGGER approvals_shown_is_kept BEFORE UPDATE OF
  caller_kind, caller_id, caller_name, execution_id, tier, action, resource_type, resource, operation, consequence, arguments,
  digest, deadline ON approvals
BEGIN SELECT RAISE(ABORT, 'what was shown does not change'); END;

CREATE TABLE approval_grants (
  id TEXT PRIMARY KEY,
  scope TEXT NOT NULL,
  caller_kind TEXT NOT NULL,
  caller_id TEXT NOT NULL,
  caller_name TEXT NOT NULL,
  execution_id TEXT,
  tier TEXT,
  action TEXT NOT NULL,
  resource_type TEXT NOT NULL,
  resource TEXT NOT NULL,
  consequence TEXT NOT NULL,
  digest TEXT,
  approval_id TEXT NOT NULL,
  granted_by_kind TEXT NOT NULL,
  granted_by_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER,
  uses INTEGER NOT NULL DEFAULT 0,
  last_used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX approval_grants_by_caller ON approval_grants (caller_id, action);
`
