/** From approving to executed: what a person's press costs until the target has done it and the record says so. */
import type { Approval, ApprovalStatus } from '../schemas/approval.ts';
import { type Caller, createCaller, jsonOf } from './call.ts';
import { quantile, type Section } from './figure.ts';
import type { Bench } from './plan.ts';
import { startReceiver } from './receiver.ts';

const GOAL_MS = 15;
const WARM = 20;

export async function benchDispatch({ size, processes }: Bench): Promise<Section> {
  const server = await processes.server(processes.folder());
  const target = await startReceiver(true);
  const agent = createCaller(server.url, server.first.keys.agent, 2);
  const person = createCaller(server.url, server.first.keys.personal);
  try {
    const took: number[] = [];
    for (let n = 0; n < WARM + size.runs; n++) {
      const one = await approveAndWait(agent, person, `${target.url}/run`);
      if (n >= WARM) took.push(one);
    }
    return {
      title: 'Dispatch',
      how:
        `${size.runs} frozen requests to a target on the loopback, one after another: from sending the approval until ` +
        'a long poll says executed. Claim, start, call, result and the end of the job are four durable commits.',
      figures: [
        {
          name: 'approval to executed, p50',
          value: quantile(took, 0.5),
          unit: 'ms',
          goal: { most: GOAL_MS },
        },
        { name: 'approval to executed, p99', value: quantile(took, 0.99), unit: 'ms' },
      ],
    };
  } finally {
    agent.close();
    person.close();
    target.close();
    await server.stop();
  }
}

async function approveAndWait(agent: Caller, person: Caller, url: string): Promise<number> {
  const request = { method: 'POST', url, body: { amount: 1 } };
  const body = JSON.stringify({ action_type: 'payments.send', action_summary: 'Pay', request });
  const { id } = jsonOf(await agent.call('POST', '/v1/approvals', body), 201) as Approval;
  const from = performance.now();
  jsonOf(await person.call('POST', `/v1/approvals/${id}/approve`, '{}'));
  for (;;) {
    const answered = await agent.call('GET', `/v1/approvals/${id}/status?wait=30`);
    const { status } = jsonOf(answered) as ApprovalStatus;
    if (status === 'executed') return answered.at_ms - from;
    if (status !== 'approved') throw new Error(`the run ended as ${status}`);
  }
}
