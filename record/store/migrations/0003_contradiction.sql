-- SPDX-License-Identifier: EUPL-1.2

-- The last contradiction of each account's place, for who watches.
CREATE TABLE contradiction(
  account TEXT PRIMARY KEY, session TEXT NOT NULL, site TEXT NOT NULL, lost TEXT NOT NULL, seen TEXT NOT NULL,
  at BIGINT NOT NULL, count BIGINT NOT NULL, seen_at BIGINT NOT NULL, seq BIGINT NOT NULL);
CREATE INDEX contradiction_open ON contradiction(at) WHERE seen_at=0;
