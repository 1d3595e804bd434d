/**
 * The benchmark: `npm run bench [-- --only create,decide] [--quick] [--write]`.
 *
 * Runs on this machine alone, over loopback, in temporary folders. A complete run writes results.md; a quick or
 * partial one only prints, unless --write is given, so that trial figures never stand as results.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchCreate } from './create.ts';
import { benchDecide } from './decide.ts';
import { benchDispatch } from './dispatch.ts';
import { goalText, type Section, shown } from './figure.ts';
import { benchGate } from './gate.ts';
import { benchPages } from './pages.ts';
import { type Bench, FULL, QUICK, type Size } from './plan.ts';
import { createProcesses, type Processes } from './processes.ts';
import { machine, markdown, missedOf, sectionText } from './report.ts';
import { seed, type Seeded } from './seed.ts';
import { benchStart } from './start.ts';
import { benchWake } from './wake.ts';
import { benchWebhooks } from './webhooks.ts';

const PARTS: Readonly<Record<string, (bench: Bench) => Promise<Section>>> = {
  create: benchCreate,
  decide: benchDecide,
  wake: benchWake,
  dispatch: benchDispatch,
  webhooks: benchWebhooks,
  pages: benchPages,
  start: benchStart,
  gate: benchGate,
};
const RESULTS = join(import.meta.dirname, 'results.md');

type Options = { parts: string[]; quick: boolean; write: boolean };

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const parts = values.only?.split(',').map((name) => name.trim()) ?? Object.keys(PARTS);
  const unknown = parts.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined)
    throw new Error(`--only knows ${Object.keys(PARTS).join(', ')}, not "${unknown}".`);
  return { parts, quick: values.quick, write: values.write || (!values.quick && values.only === undefined) };
}

async function bench({ parts, quick, write }: Options): Promise<void> {
  const from = performance.now();
  const processes = createProcesses();
  // Also on an interrupt: 'exit' handlers run whenever the process ends by itself.
  process.once('exit', processes.end);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  for (const [name, value] of machine()) say(`${name}: ${value}`);
  try {
    const sections = await play(parts, quick ? QUICK : FULL, processes);
    conclude(sections);
    if (!write) return say('Nothing was written: this was no complete run (--write writes it anyway).');
    writeFileSync(RESULTS, markdown(sections, commandOf(), (performance.now() - from) / 1000));
    say('Written to bench/results.md.');
  } finally {
    processes.end();
  }
}

async function play(parts: readonly string[], size: Size, processes: Processes): Promise<Section[]> {
  let large: Promise<Seeded> | null = null;
  const fill = () => {
    say(`\nFilling a store with ${size.rows} approvals …`);
    return seed(processes, size.rows);
  };
  const sections: Section[] = [];
  for (const name of parts) {
    const section = await PARTS[name]?.({ size, processes, large: () => (large ??= fill()) });
    if (!section) continue;
    sections.push(section);
    say(sectionText(section));
  }
  return sections;
}

function conclude(sections: readonly Section[]): void {
  const missed = missedOf(sections);
  say(missed.length === 0 ? '\nEvery goal is met.' : '\nMissed:');
  for (const figure of missed)
    say(`  ${figure.name}: ${shown(figure.value, figure.unit)}, goal ${goalText(figure)}`);
}

function commandOf(): string {
  const given = process.argv.slice(2).join(' ');
  return given === '' ? 'npm run bench' : `npm run bench -- ${given}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  await bench(readOptions());
} catch (error) {
  process.stderr.write(`The benchmark failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
