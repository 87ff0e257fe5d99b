/** Versions of the policy: every text that was in force, and when it came into force. */
export const policy = `
CREATE TABLE policy_texts (
  hash TEXT PRIMARY KEY,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE policy_versions (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  hash TEXT NOT NULL REFERENCES policy_texts (hash),
  at INTEGER NOT NULL,
  origin TEXT NOT NULL,
  by_whom TEXT,
  rules INTEGER NOT NULL
) STRICT;
CREATE TRIGGER policy_versions_immutable BEFORE UPDATE ON policy_versions
BEGIN SELECT RAISE(ABORT, 'a policy version is immutable'); END;
CREATE TRIGGER policy_texts_immutable BEFORE UPDATE ON policy_texts
BEGIN SELECT RAISE(ABORT, 'a policy text is immutable'); END;
`
