-- SPDX-License-Identifier: EUPL-1.2

-- The last unusual access of each account, by sort: id is account|what.
CREATE TABLE unusual(
  id TEXT PRIMARY KEY, account TEXT NOT NULL, what TEXT NOT NULL, site TEXT NOT NULL, persons BIGINT NOT NULL, stopped BIGINT NOT NULL,
  at BIGINT NOT NULL, count BIGINT NOT NULL, seen_at BIGINT NOT NULL, seq BIGINT NOT NULL);
CREATE INDEX unusual_open ON unusual(at) WHERE seen_at=0;
