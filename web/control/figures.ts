// SPDX-License-Identifier: EUPL-1.2
// Figures of the board, from the primitives of its queues: each by its formula's id and version (docs/figures.md).
import type { Queue } from '$lib/api/types';

export interface Total {
  waiting: number;
  /** When the one that waits longest entered its queue; "" when nobody waits. */
  oldest: string;
  answered: number;
  answeredIn: number;
  abandoned: number;
  offered: number;
}

/** The primitives of several queues together. */
export function total(queues: Queue[]): Total {
  const sum = { waiting: 0, oldest: '', answered: 0, answeredIn: 0, abandoned: 0, offered: 0 };
  for (const q of queues) {
    sum.waiting += q.waiting;
    if (q.oldest && (!sum.oldest || q.oldest < sum.oldest)) sum.oldest = q.oldest;
    sum.answered += q.figures.answered;
    sum.answeredIn += q.figures.answered_in;
    sum.abandoned += q.figures.abandoned;
    sum.offered += q.figures.offered;
  }
  return sum;
}

/** The market's target of sl1@1, permille. */
const TARGET = 800;

export type Status = 'empty' | 'met' | 'watch' | 'missed' | 'nobodyThere';

/** What a supervisor must know of a queue at a glance; waited is how long its oldest has waited, ms. */
export function status(q: Queue, waited: number): Status {
  const staff = q.agents.ready + q.agents.offered + q.agents.engaged + q.agents.wrap_up;
  if (q.waiting > 0 && staff === 0) return 'nobodyThere';
  if (q.waiting > 0 && waited > q.target_s * 1000) return 'missed';
  const judged = q.figures.answered + q.figures.abandoned;
  if (judged === 0) return q.waiting > 0 ? 'watch' : 'empty';
  if (q.figures.answered_in * 1000 < TARGET * judged) return q.waiting > 0 ? 'missed' : 'watch';
  return 'met';
}
