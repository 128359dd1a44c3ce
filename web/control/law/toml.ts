// SPDX-License-Identifier: EUPL-1.2
// The text of a matrix as a table and back (cmd/rivage/demo/settings/matrices). It reads one layout only, and refuses
// whatever the table could not write again: a comment in the middle, another way to write a key.
export const classes = ['public', 'suivi', 'courant', 'commercial', 'bancaire', 'sante'] as const;
export const zones = ['FR', 'FR_RUP', 'FR_OM_HORS_UE', 'EU', 'EEA', 'ADEQUATE', 'ADEQUATE_PARTIAL', 'OTHER'] as const;
export const exposures = ['none', 'exposed'] as const;
export const columns = ['voice', 'view', 'copy', 'admin', 'rest'] as const;
export const outcomes = ['full', 'masked', 'remote', 'masked-remote', 'refused'] as const;

export type DataClass = (typeof classes)[number];
export type Zone = (typeof zones)[number];
export type Exposed = (typeof exposures)[number];
export type Column = (typeof columns)[number];
export type Outcome = (typeof outcomes)[number];

/** The outcomes of every cell, by its key. */
export type Cells = Record<string, Outcome>;

export interface Table {
  /** The comment at the top. */
  head: string[];
  cells: Cells;
}

/** Why a text is not read: the line, and what is wrong there. */
export interface Fault { line: number; what: 'row' | 'class' | 'zone' | 'words' | 'word' | 'missing' | 'absent'; class?: DataClass }

export const keyOf = (c: DataClass, z: Zone, e: Exposed, column: Column): string => `${c}.${z}.${e}.${column}`;

/** What a column may say: only a view can be masked or remote. */
export const choices = (column: Column): readonly Outcome[] => (column === 'view' ? outcomes : ['full', 'refused']);

/** A table that refuses everything. */
export function refusing(): Table {
  const cells: Cells = {};
  for (const c of classes) refuse(cells, c);
  return { head: [], cells };
}

/** Refuses everything in a class. */
export function refuse(cells: Cells, c: DataClass): void {
  for (const z of zones) for (const e of exposures) for (const column of columns) cells[keyOf(c, z, e, column)] = 'refused';
}

const isOf = <T extends string>(list: readonly T[], word: string | undefined): word is T => list.includes(word as T);
const ruler = /^#\s*voice\s+view\s+copy\s+admin\s+rest$/;

/** Reads a text, or says why not. */
export function readToml(text: string): Table | Fault {
  const table: Table = { head: [], cells: {} };
  const at = new Map<DataClass, number>(); // the line of each class
  let current: DataClass | undefined;
  const lines = text.split(/\r?\n/);
  for (const [i, raw] of lines.entries()) {
    const line = raw.trim();
    const fault = (what: Fault['what']): Fault => ({ line: i + 1, what });
    const header = /^\[\s*([\w-]+)\s*\]$/.exec(line);
    if (header) {
      if (!isOf(classes, header[1]) || at.has(header[1])) return fault('class');
      current = header[1];
      at.set(current, i + 1);
    } else if (!current && line.startsWith('#')) table.head.push(line);
    else if (line !== '' && !(current && ruler.test(line))) {
      const row = /^(\w+)\.(\w+)\s*=\s*\[(.*)\]$/.exec(line);
      if (!current || !row) return fault('row');
      const what = readRow(table.cells, current, row[1], row[2], row[3] ?? '');
      if (what) return fault(what);
    }
  }
  for (const c of classes) {
    const line = at.get(c);
    if (!line) return { line: lines.length, what: 'absent', class: c };
    for (const z of zones) for (const e of exposures) if (!table.cells[keyOf(c, z, e, 'rest')]) return { line, what: 'missing', class: c };
  }
  return table;
}

function readRow(cells: Cells, c: DataClass, zone: string | undefined, exposure: string | undefined, list: string): Fault['what'] | undefined {
  if (!isOf(zones, zone) || !isOf(exposures, exposure) || cells[keyOf(c, zone, exposure, 'rest')]) return 'zone';
  const words = list.split(',').map((w) => /^\s*"([^"\\]*)"\s*$/.exec(w)?.[1]);
  if (words.length !== columns.length) return 'words';
  for (const [i, column] of columns.entries()) {
    const word = words[i];
    if (!isOf(choices(column), word)) return 'word';
    cells[keyOf(c, zone, exposure, column)] = word;
  }
  return undefined;
}

/** Writes a table as the text that it is kept as. */
export function writeToml(table: Table): string {
  const wide = (word: string): string => `${word},`.padEnd(11) + ' ';
  const ruled = `#${' '.repeat(27)}${columns.map((c) => c.padEnd(12)).join('').trimEnd()}`;
  const sections = classes.map((c) => [
    `[${c}]`, ruled,
    ...zones.flatMap((z) => exposures.map((e) => {
      const words = columns.map((column) => `"${table.cells[keyOf(c, z, e, column)] ?? 'refused'}"`);
      return `${`${z}.${e}`.padEnd(24)} = [${words.slice(0, -1).map(wide).join('')}${words.at(-1)}]`;
    })),
  ].join('\n'));
  return `${[...(table.head.length ? [table.head.join('\n')] : []), ...sections].join('\n\n')}\n`;
}

/** How many cells differ. */
export const changes = (a: Cells, b: Cells): number => Object.keys(a).filter((k) => a[k] !== b[k]).length;
