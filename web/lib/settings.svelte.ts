// SPDX-License-Identifier: EUPL-1.2
// What a user sets for this browser: theme and single-letter shortcuts.

export type Theme = 'system' | 'light' | 'dark';

const state = $state({
  theme: (localStorage.getItem('rivage.theme') ?? 'system') as Theme,
  letters: localStorage.getItem('rivage.letters') !== 'off',
});

export const theme = (): Theme => state.theme;
/** Whether what is drawn is for a dark page. */
export const dark = (): boolean => state.theme === 'dark' || (state.theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
export const letters = (): boolean => state.letters;

export function setTheme(v: Theme): void {
  state.theme = v;
  localStorage.setItem('rivage.theme', v);
  applyTheme();
}

export function setLetters(on: boolean): void {
  state.letters = on;
  localStorage.setItem('rivage.letters', on ? 'on' : 'off');
}

export function applyTheme(): void {
  if (state.theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = state.theme;
}
