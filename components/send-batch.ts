/**
 * Sends a batch, and what came of it: an answer for each request, or that it is not known.
 * Invariant: a batch whose answer got lost is never taken for one that was refused.
 */
import type { CardOptions } from '../server/core/card-text.ts';
import type { ViewClient } from './api.ts';
import { explainFailure } from './explain.ts';
import { answersFor, type State } from './inbox-model.ts';
import { INBOX } from './words-inbox.ts';

type Decide = NonNullable<ViewClient['approvals']['decide']>;
type Batch = NonNullable<State['batch']>;

export async function sendBatch(
  decide: Decide,
  ids: readonly string[],
  batch: Batch,
  options: CardOptions,
): Promise<Partial<State> & { error?: unknown }> {
  try {
    const { results } = await decide({ ids, decision: batch.kind, reason: batch.reason.trim() || null });
    return { batch: { ...batch, busy: false, answers: answersFor(ids, results) }, picked: new Set() };
  } catch (error) {
    const failure = explainFailure(error, null, options);
    return { batch: null, failure: { ...failure, title: INBOX.batchUnsure }, error };
  }
}
