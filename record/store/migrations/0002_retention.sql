-- SPDX-License-Identifier: EUPL-1.2

-- Recordings that are there, by the end of their retention: each minute a sweep asks which have passed it.
CREATE INDEX object_kept ON object((started_at + retention_days * 86400000000))
  WHERE state IN ('complete','interrupted') AND retention_days>0;
