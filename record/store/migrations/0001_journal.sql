-- SPDX-License-Identifier: EUPL-1.2
-- The log, and the rows folded from it. One text for SQLite and PostgreSQL: BIGINT, TEXT and BYTEA only; instants and
-- durations are BIGINT microseconds given by the caller; flags are BIGINT 0 or 1; an absent text is '', an absent
-- instant 0; NULL is what was erased or dropped. Where it says "by key", SQLite keeps rows in the order of their key.

-- The log. leaf is NULL once its text was dropped under a retention class; its hash stays for ever.
CREATE TABLE entry(
  seq BIGINT PRIMARY KEY, stream TEXT NOT NULL, version BIGINT NOT NULL, at BIGINT NOT NULL, kind TEXT NOT NULL,
  leaf BYTEA, leaf_hash BYTEA NOT NULL, facts BYTEA NOT NULL,
  UNIQUE(stream, version));

-- What an erasure deletes: sealed bodies, their cells, and the blind indexes that came with them.
CREATE TABLE body(seq BIGINT PRIMARY KEY, subject TEXT NOT NULL, sealed BYTEA NOT NULL);
CREATE INDEX body_subject ON body(subject);
CREATE TABLE cell(
  seq BIGINT NOT NULL, name TEXT NOT NULL, subject TEXT NOT NULL, sealed BYTEA NOT NULL,
  PRIMARY KEY(seq, name)) /* by key */;
CREATE INDEX cell_subject ON cell(subject);
CREATE TABLE body_index(
  seq BIGINT NOT NULL, kind TEXT NOT NULL, bidx BYTEA NOT NULL, subject TEXT NOT NULL,
  PRIMARY KEY(seq, kind, bidx)) /* by key */;
CREATE INDEX body_index_subject ON body_index(subject);

-- The head of the tree. Its one row is also the lock that makes all writers serial.
CREATE TABLE ledger_head(id BIGINT PRIMARY KEY, size BIGINT NOT NULL, root BYTEA NOT NULL, frontier BYTEA NOT NULL);

-- Not folds: they are not rebuilt from the log.
CREATE TABLE command(
  id TEXT PRIMARY KEY CHECK(length(id) <= 200), first BIGINT NOT NULL, last BIGINT NOT NULL) /* by key */;
CREATE TABLE ledger_published(
  id BIGINT PRIMARY KEY, size BIGINT NOT NULL, root BYTEA NOT NULL, checkpoint BYTEA NOT NULL);
CREATE TABLE subject_key(subject TEXT PRIMARY KEY, kek_epoch BIGINT NOT NULL, wrapped BYTEA NOT NULL) /* by key */;
CREATE TABLE secret(name TEXT PRIMARY KEY, sealed BYTEA NOT NULL);
CREATE TABLE session(id TEXT PRIMARY KEY, account TEXT NOT NULL, expires BIGINT NOT NULL, data BYTEA NOT NULL);
CREATE INDEX session_account ON session(account);
CREATE TABLE blob(hash BYTEA PRIMARY KEY, content BYTEA NOT NULL);
CREATE TABLE lease(name TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch BIGINT NOT NULL, expires_at BIGINT NOT NULL);
CREATE TABLE cursor(consumer TEXT PRIMARY KEY, seq BIGINT NOT NULL);

-- Folds.
CREATE TABLE stream(name TEXT PRIMARY KEY, principal TEXT NOT NULL, version BIGINT NOT NULL, at BIGINT NOT NULL);
CREATE TABLE person(id TEXT PRIMARY KEY, principal TEXT NOT NULL, created_at BIGINT NOT NULL, erased_at BIGINT NOT NULL) /* by key */;
CREATE TABLE subject(
  id TEXT PRIMARY KEY, principal TEXT NOT NULL, person TEXT NOT NULL, seq BIGINT NOT NULL) /* by key */;
CREATE INDEX subject_person ON subject(person);
CREATE TABLE subject_index(
  principal TEXT NOT NULL, kind TEXT NOT NULL, bidx BYTEA NOT NULL, subject TEXT NOT NULL,
  PRIMARY KEY(principal, kind, bidx, subject)) /* by key */;
CREATE INDEX subject_index_subject ON subject_index(subject);

CREATE TABLE interaction(
  id TEXT PRIMARY KEY, principal TEXT NOT NULL, person TEXT NOT NULL, subject TEXT NOT NULL, channel TEXT NOT NULL,
  number TEXT NOT NULL, trunk TEXT NOT NULL, flow TEXT NOT NULL, flow_version BIGINT NOT NULL, class TEXT NOT NULL,
  queue TEXT NOT NULL, state TEXT NOT NULL, priority BIGINT NOT NULL, rank BIGINT NOT NULL, agent TEXT NOT NULL,
  offer TEXT NOT NULL, caller_leg TEXT NOT NULL, agent_leg TEXT NOT NULL, place_site TEXT NOT NULL,
  place_company TEXT NOT NULL, place_country TEXT NOT NULL, place_zone TEXT NOT NULL, place_evidence TEXT NOT NULL,
  opened_at BIGINT NOT NULL, queued_at BIGINT NOT NULL, offered_at BIGINT NOT NULL, accepted_at BIGINT NOT NULL,
  told_at BIGINT NOT NULL, answered_at BIGINT NOT NULL, held_at BIGINT NOT NULL, ended_at BIGINT NOT NULL,
  closed_at BIGINT NOT NULL, deadline BIGINT NOT NULL, extended BIGINT NOT NULL, wait BIGINT NOT NULL,
  talk BIGINT NOT NULL, hold BIGINT NOT NULL, wrap BIGINT NOT NULL, extra BIGINT NOT NULL, disposition TEXT NOT NULL,
  ended_by TEXT NOT NULL, reason TEXT NOT NULL, returned TEXT NOT NULL, sentence TEXT NOT NULL,
  first_seq BIGINT NOT NULL, last_seq BIGINT NOT NULL, caller BYTEA, note BYTEA);
-- What is not over, in rank: one indexed read at start. It also holds the callbacks that are owed.
CREATE INDEX interaction_open ON interaction(rank, id) WHERE closed_at = 0;
CREATE INDEX interaction_opened ON interaction(opened_at, id);
CREATE INDEX interaction_queue ON interaction(queue, queued_at);
CREATE INDEX interaction_person ON interaction(person);
CREATE INDEX interaction_subject ON interaction(subject);

CREATE TABLE agent(
  id TEXT PRIMARY KEY, state TEXT NOT NULL, reason TEXT NOT NULL, since BIGINT NOT NULL, interaction TEXT NOT NULL,
  offer TEXT NOT NULL, deadline BIGINT NOT NULL, session TEXT NOT NULL, device TEXT NOT NULL, place_site TEXT NOT NULL,
  place_company TEXT NOT NULL, place_country TEXT NOT NULL, place_zone TEXT NOT NULL, place_evidence TEXT NOT NULL,
  idle_since BIGINT NOT NULL);

CREATE TABLE object(
  id TEXT PRIMARY KEY, principal TEXT NOT NULL, interaction TEXT NOT NULL, subject TEXT NOT NULL, purpose TEXT NOT NULL,
  site TEXT NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT NOT NULL, retention_days BIGINT NOT NULL,
  state TEXT NOT NULL, bytes BIGINT NOT NULL, seconds BIGINT NOT NULL, dropped BIGINT NOT NULL, cipher TEXT NOT NULL);
CREATE INDEX object_interaction ON object(interaction);
CREATE INDEX object_subject ON object(subject);
CREATE INDEX object_open ON object(started_at, id) WHERE state = 'open';

CREATE TABLE setting(
  stream TEXT PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, principal TEXT NOT NULL, version BIGINT NOT NULL,
  doc BYTEA NOT NULL, subject TEXT NOT NULL, name BYTEA, login BYTEA, seq BIGINT NOT NULL);
CREATE INDEX setting_type ON setting(type, id);
CREATE INDEX setting_subject ON setting(subject) WHERE subject <> '';
