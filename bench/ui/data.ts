/**
 * The same work for every library: a form of n fields with its schema, and a list of requests.
 */
import type { Approval } from '../../schemas/approval.ts';
import { sampleApproval } from '../../test/support/sample-approvals.ts';

type Json = Record<string, unknown>;
export type Work = { schema: Json; data: Json };

const KINDS: readonly [schema: Json, value: (n: number) => unknown][] = [
  [{ type: 'number' }, (n) => n * 1.5],
  [{ type: 'string' }, (n) => `Value ${n}`],
  [{ type: 'string', enum: ['low', 'medium', 'high'] }, (n) => ['low', 'medium', 'high'][n % 3]],
  [{ type: 'string', format: 'date' }, (n) => `2026-11-${String((n % 28) + 1).padStart(2, '0')}`],
  [{ type: 'integer' }, (n) => n],
  [{ type: 'boolean' }, (n) => n % 2 === 0],
];

/** An object of n fields: numbers, texts, choices, days, integers, truths; the first three are required. */
export function fields(count: number): Work {
  const properties: Json = {};
  const data: Json = {};
  for (let n = 0; n < count; n++) {
    const [schema, value] = KINDS[n % KINDS.length] ?? [{}, () => n];
    properties[`field_${n}`] = { title: `Field ${n}`, ...schema };
    data[`field_${n}`] = value(n);
  }
  return { schema: { type: 'object', properties, required: Object.keys(properties).slice(0, 3) }, data };
}

/** Requests as the inbox lists them. */
export function requests(count: number): Approval[] {
  return Array.from({ length: count }, (_, n) =>
    sampleApproval({
      id: `apr_${String(n).padStart(13, '0')}`,
      action_summary: `Close ticket ${n} about the broken invoice`,
      risk_level: (['low', 'medium', 'high', 'critical'] as const)[n % 4] ?? 'low',
    }),
  );
}
