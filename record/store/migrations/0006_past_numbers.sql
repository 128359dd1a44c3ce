-- SPDX-License-Identifier: EUPL-1.2

-- Numbers that were taken off a card before they were kept for whoever erases persons: every one of the card's subject
-- that an entry before the last one about its numbers had.
INSERT INTO subject_index(principal,kind,bidx,subject)
  SELECT DISTINCT s.principal, 'tel-past', b.bidx, b.subject FROM body_index b JOIN subject s ON s.id=b.subject
  WHERE s.card=1 AND b.kind='tel'
    AND b.seq < (SELECT max(v.seq) FROM person_value v WHERE v.subject=b.subject AND v.field='phones')
  ON CONFLICT DO NOTHING;
