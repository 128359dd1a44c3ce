// SPDX-License-Identifier: EUPL-1.2
// Fields that leave the server as images only. A path works once: what was fetched is kept here, so that components that
// show the same field share it. Nothing of it becomes text, a file or an address.
import { SvelteMap } from 'svelte/reactivity';
import { api } from './api/client';
import { dark } from './settings.svelte';

/** The image of a field: being fetched, there, or gone. */
export type Pane = { state: 'loading' | 'failed' } | { state: 'ready'; bitmap: ImageBitmap };

const MOST = 96; // a record of 60 fields, and what stands beside it
const panes = new SvelteMap<string, Pane>(); // by the path that the field came with
const standing = $state({ n: 0 });

/** What there is of a field's image. */
export const pane = (path: string): Pane | undefined => panes.get(path);

/** Fetches the image of a field, once. */
export function fetchPane(path: string): void {
  if (!panes.has(path)) void take(path, path);
}

/** Fetches the image anew under a fresh path, for all who show the field that came with the first. */
export const renewPane = (path: string, fresh: string): Promise<void> => take(path, fresh);

async function take(path: string, from: string): Promise<void> {
  const asked: Pane = { state: 'loading' };
  const wanted = (): boolean => panes.get(path) === asked; // not forgotten meanwhile
  keep(path, asked);
  try {
    const bitmap = await createImageBitmap(await api.pane(from, dark()));
    if (wanted()) keep(path, { state: 'ready', bitmap });
    else bitmap.close();
  } catch {
    if (wanted()) keep(path, { state: 'failed' });
  }
}

function keep(path: string, p: Pane): void {
  drop(path);
  panes.set(path, p);
  for (const old of [...panes.keys()].slice(0, -MOST)) drop(old);
}

function drop(path: string): void {
  const p = panes.get(path);
  panes.delete(path);
  if (p?.state === 'ready') p.bitmap.close();
}

/** Forgets images: those of some fields, or every one when the session is over. */
export function forgetPanes(paths: string[] = [...panes.keys()]): void {
  for (const path of paths) drop(path);
}

/** Whether a field for remote viewing stands on the screen. */
export const remoteShown = (): boolean => standing.n > 0;

/** Counts one as long as its component is there. */
export function standRemote(): () => void {
  standing.n++;
  return () => { standing.n--; };
}

/** Draws an image on a canvas that can neither be dragged, selected nor saved from a menu. */
export function drawPane(canvas: HTMLCanvasElement, bitmap: ImageBitmap): { update: (b: ImageBitmap) => void; destroy: () => void } {
  const no = (e: Event): void => e.preventDefault();
  const events = ['contextmenu', 'dragstart', 'selectstart', 'copy'];
  const draw = (b: ImageBitmap): void => {
    canvas.width = b.width;
    canvas.height = b.height;
    canvas.getContext('2d')?.drawImage(b, 0, 0);
  };
  draw(bitmap);
  for (const e of events) canvas.addEventListener(e, no);
  return { update: draw, destroy: () => { for (const e of events) canvas.removeEventListener(e, no); } };
}
