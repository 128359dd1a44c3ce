// SPDX-License-Identifier: EUPL-1.2
// The note of a call under way: kept in this tab, so that a reload does not lose it, and removed once it is saved.

const key = (interaction: string): string => `rivage.note.${interaction}`;

export const readDraft = (interaction: string): string => sessionStorage.getItem(key(interaction)) ?? '';

export function keepDraft(interaction: string, text: string): void {
  if (text) sessionStorage.setItem(key(interaction), text);
  else sessionStorage.removeItem(key(interaction));
}
