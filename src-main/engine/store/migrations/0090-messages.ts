/** Messages: who takes part and with which keys, what was sent (sealed), what became of it, who listens to what. */
export const messages = `
CREATE TABLE message_parties (
  num INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  /* Of the last message that it sent. */
  sequence INTEGER NOT NULL
) STRICT;

CREATE TABLE message_keys (
  party INTEGER NOT NULL REFERENCES message_parties (num),
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  retired_at INTEGER,
  /* Signs nothing after this sequence of its party. */
  retired_after INTEGER,
  signing_public BLOB NOT NULL,
  agreement_public BLOB NOT NULL,
  record_id TEXT NOT NULL,
  /* Both private keys, sealed under the master key; NULL once nothing needs them. */
  sealed_private BLOB,
  PRIMARY KEY (party, version)
) STRICT, WITHOUT ROWID;

/* What one thread sealed at once. heads: the signed headers. bodies: nonces, ciphertexts, signatures. Never plain text. */
CREATE TABLE message_parcels (
  num INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  first_id BLOB NOT NULL,
  heads BLOB NOT NULL,
  bodies BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX message_parcels_by_id ON message_parcels (first_id);
CREATE TRIGGER message_parcels_immutable BEFORE UPDATE ON message_parcels
BEGIN SELECT RAISE(ABORT, 'a message that was sent does not change'); END;

/* What became of each message of a parcel, sixteen bytes each; open: how many are not settled. */
CREATE TABLE message_states (
  parcel INTEGER PRIMARY KEY REFERENCES message_parcels (num),
  open INTEGER NOT NULL,
  states BLOB NOT NULL
) STRICT;
CREATE INDEX message_states_open ON message_states (parcel) WHERE open > 0;

/* In which parcels a party, a topic or a correlation id occurs. */
CREATE TABLE message_terms (
  term BLOB NOT NULL,
  parcel INTEGER NOT NULL,
  PRIMARY KEY (term, parcel)
) STRICT, WITHOUT ROWID;

/* Up to where the messages of a sender to a receiver are settled, and which before that are not: a replay is neither. */
CREATE TABLE message_windows (
  sender INTEGER NOT NULL,
  recipient INTEGER NOT NULL,
  top INTEGER NOT NULL,
  open BLOB NOT NULL,
  PRIMARY KEY (sender, recipient)
) STRICT, WITHOUT ROWID;

CREATE TABLE message_subscriptions (
  topic TEXT NOT NULL,
  party TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (topic, party)
) STRICT, WITHOUT ROWID;

CREATE TABLE dead_letters (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  parcel INTEGER NOT NULL,
  place INTEGER NOT NULL,
  sender_id TEXT NOT NULL,
  recipient_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  code TEXT NOT NULL,
  detail TEXT NOT NULL,
  died_at INTEGER NOT NULL,
  replays INTEGER NOT NULL
) STRICT;
CREATE INDEX dead_letters_by_parcel ON dead_letters (parcel);
`
