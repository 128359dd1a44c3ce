-- SPDX-License-Identifier: EUPL-1.2

-- Persons and customer organisations. A merge moves subjects; home is the person that a subject was made for, while it
-- stands with another. The values of a card are sealed under a subject of its own: id is subject|field.
ALTER TABLE person ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN merged_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN organisation TEXT NOT NULL DEFAULT '';
CREATE INDEX person_merged ON person(merged_into) WHERE merged_into <> '';
CREATE INDEX person_organisation ON person(organisation) WHERE organisation <> '';
CREATE INDEX person_principal ON person(principal, id);
ALTER TABLE subject ADD COLUMN home TEXT NOT NULL DEFAULT '';
ALTER TABLE subject ADD COLUMN card BIGINT NOT NULL DEFAULT 0;

CREATE TABLE person_value(
  id TEXT PRIMARY KEY, principal TEXT NOT NULL, subject TEXT NOT NULL, field TEXT NOT NULL, seq BIGINT NOT NULL,
  above BIGINT NOT NULL, cleared BIGINT NOT NULL, sealed BYTEA) /* by key */;
CREATE INDEX person_value_subject ON person_value(subject);

CREATE TABLE organisation(
  id TEXT PRIMARY KEY, principal TEXT NOT NULL, subject TEXT NOT NULL, created_at BIGINT NOT NULL, name BYTEA, siren BYTEA) /* by key */;
CREATE INDEX organisation_subject ON organisation(subject);
