/**
 * What is printed and what is written to results.md: the machine, the command, and every figure next to its goal.
 * Left out: anything that names the machine, its user or its folders.
 */
import { arch, cpus, release, tmpdir, totalmem, type } from 'node:os';
import { statfsSync } from 'node:fs';
import { type Figure, goalText, meets, type Section, shown } from './figure.ts';

const GIB = 1024 ** 3;

/** File systems by the number that statfs gives, as far as it matters whether a write reaches a disk. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x58465342: 'XFS',
  0x9123683e: 'Btrfs',
  0x794c7630: 'overlay',
  0x01021994: 'memory (tmpfs): durable writes cost nothing here, so the ratios flatter',
};

/** What the figures depend on, as lines of "name: value". */
export function machine(): [string, string][] {
  const cores = cpus();
  return [
    ['CPU', `${cores[0]?.model.trim() ?? 'unknown'}, ${cores.length} cores`],
    ['Memory', `${(totalmem() / GIB).toFixed(1)} GiB`],
    ['System', `${type()} ${release()} ${arch()}`],
    ['Node', process.version],
    ['Disk', FILE_SYSTEMS[statfsSync(tmpdir()).type] ?? 'another file system'],
  ];
}

/** One section as a table for the terminal. */
export function sectionText({ title, how, figures }: Section): string {
  const rows = figures.map(cells);
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = [width(0), width(1), width(2), width(3)];
  const lines = rows.map((row) =>
    row
      .map((cell, n) =>
        n === 4 ? cell : n === 1 ? cell.padStart(widths[n] ?? 0) : cell.padEnd(widths[n] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return [`\n${title}`, `  ${how}`, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** The whole report as Markdown. */
export function markdown(sections: readonly Section[], command: string, took_s: number): string {
  const missed = missedOf(sections);
  return [
    '# Benchmark results',
    '',
    'Written by the benchmark; do not edit. Ratios compare servers of the same run, so they carry over to other',
    'machines better than rates do.',
    '',
    ...machine().map(([name, value]) => `- ${name}: ${value}`),
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
    `- Command: \`${command}\` (took ${Math.round(took_s)} s)`,
    '',
    missed.length === 0 ? 'Every goal is met.' : `**Missed: ${missed.map(({ name }) => name).join('; ')}.**`,
    ...sections.flatMap(sectionMarkdown),
    '',
  ].join('\n');
}

/** The figures whose goal was not met. */
export function missedOf(sections: readonly Section[]): Figure[] {
  return sections.flatMap(({ figures }) => figures.filter((figure) => meets(figure) === false));
}

function sectionMarkdown({ title, how, figures }: Section): string[] {
  return [
    '',
    `## ${title}`,
    '',
    how,
    '',
    '| figure | measured | goal | | note |',
    '|---|---|---|---|---|',
    ...figures.map((figure) => `| ${cells(figure).join(' | ')} |`),
  ];
}

function cells(figure: Figure): string[] {
  const met = meets(figure);
  const verdict = met === null ? '' : met ? 'met' : 'MISSED';
  return [figure.name, shown(figure.value, figure.unit), goalText(figure), verdict, figure.note ?? ''];
}
