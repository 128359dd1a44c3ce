// SPDX-License-Identifier: EUPL-1.2
import type { Pack, PackRow } from '$lib/api/types';

/** A row with the pack it is of. */
export interface Rule { pack: string; row: PackRow }

/** The rows that may decide, or those that are only looked at: of packs that are off, and proposals. */
export const holding = (packs: Pack[], on: boolean): Rule[] =>
  packs.flatMap((p) => p.rows.filter((row) => (p.on && row.standing !== 'proposal') === on).map((row) => ({ pack: p.id, row })));

/** Where a row decides, dimension by dimension; empty when it decides nothing, or everywhere. */
export const scopeOf = (r: PackRow): string[][] => [r.classes, r.zones, r.exposures, r.columns].map((l) => l ?? []).filter((l) => l.length > 0);
