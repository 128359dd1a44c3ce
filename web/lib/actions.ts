// SPDX-License-Identifier: EUPL-1.2
// What can be done now, by name in the palette and by key. Single letters are dead inside inputs and can be switched
// off (WCAG 2.1.4); chords always work.
import { letters } from './settings.svelte';

export interface Action {
  name: string;
  /** "m", "Ctrl+Shift+H", "Enter", "?". */
  keys?: string;
  disabled?: boolean;
  run: () => void;
}

const editable = (e: EventTarget | null): boolean =>
  e instanceof HTMLElement && (e.isContentEditable || (e instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(e.type)) || e instanceof HTMLTextAreaElement || e instanceof HTMLSelectElement);

/** The keys an event stands for, as Action writes them. */
export function keysOf(e: KeyboardEvent): string {
  const key = e.key.length === 1 ? (e.ctrlKey || e.shiftKey ? e.key.toUpperCase() : e.key.toLowerCase()) : e.key;
  if (key === '?') return '?';
  return [e.ctrlKey || e.metaKey ? 'Ctrl' : '', e.altKey ? 'Alt' : '', e.shiftKey ? 'Shift' : '', key].filter(Boolean).join('+');
}

const single = (keys: string): boolean => keys.length === 1;

/** Runs the action of an event, if there is one; true when it did. */
export function handle(e: KeyboardEvent, actions: Action[]): boolean {
  if (e.defaultPrevented || e.isComposing || document.querySelector('dialog[open]')) return false;
  const keys = keysOf(e);
  const action = actions.find((a) => a.keys === keys && !a.disabled);
  if (!action) return false;
  if (single(keys) && (!letters() || editable(e.target))) return false;
  // Enter belongs to the control that has the focus
  if (keys === 'Enter' && e.target !== document.body) return false;
  e.preventDefault();
  action.run();
  return true;
}

/** Keys as people read them: Ctrl+Maj+H would depend on the keyboard, so the arrow stands for shift. */
export const label = (keys: string): string =>
  keys.replace('Shift+', '⇧\u202f').replaceAll('+', '\u202f').replace('Enter', '↵').replace('Escape', 'Échap').replace(/\b([a-z])$/, (l) => l.toUpperCase());
