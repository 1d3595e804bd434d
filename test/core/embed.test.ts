/**
 * Embed tokens in the kernel: what an end user may, and that a token only takes away.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { RISK_LEVELS } from '../../schemas/approval.ts';
import { EMBED_SCOPES, type EmbedScope } from '../../schemas/embed.ts';
import { ROLES } from '../../schemas/people.ts';
import { type Command, COMMAND_TYPES, isRefusal } from '../../server/core/commands.ts';
import { decide } from '../../server/core/decide.ts';
import { type Embedded, isTimely, originIssue } from '../../server/core/embed.ts';
import { forbids, maySee } from '../../server/core/permission.ts';
import { endUserId, type EndUserPrincipal, type MemberPrincipal } from '../../server/core/principal.ts';
import { ana, at, pending, person, T0, WORKSPACE } from '../support/kernel.ts';

const OPEN = pending();

function token(more: Partial<Embedded> = {}): Embedded {
  return {
    token_id: 'emb_000000000001',
    origin: 'https://app.example.com',
    approvals: [OPEN.id],
    scope: EMBED_SCOPES,
    max_risk: 'medium',
    expires_at_ms: T0 + 300_000,
    ...more,
  };
}

function endUser(user_id = 'u1', more: Partial<Embedded> = {}): EndUserPrincipal {
  const embed = token(more);
  const id = endUserId(user_id);
  return {
    kind: 'end_user',
    workspace_id: WORKSPACE,
    id,
    user_id,
    name: user_id,
    via: 'web',
    assurance: 'linked',
    embed,
  };
}

const may = (command: Command, principal = endUser(), approval = OPEN) =>
  !isRefusal(decide(approval, command, at(T0, principal)));

describe('an end user of a host', () => {
  test('approves, edits, denies, overrides, takes over and asks, and gives no other command', () => {
    const allowed = COMMAND_TYPES.filter((type) => forbids(type, OPEN, at(T0, endUser())) === null);
    assert.deepEqual(allowed, ['approve', 'approve_with_edits', 'deny', 'override', 'take_over', 'ask']);
  });

  test('stands on the record as user:<id>, linked, from the web', () => {
    const event = decide(OPEN, { type: 'approve' }, at(T0, endUser()));
    assert.ok(!isRefusal(event) && event.type === 'approval.approved');
    const { approver_id, via, assurance } = event.data.decision;
    assert.deepEqual([approver_id, via, assurance], ['user:u1', 'web', 'linked']);
    assert.deepEqual(event.actor, { kind: 'end_user', id: 'user:u1', name: 'u1' });
  });

  test('may decide for the account that the agent acts for: the requester is the agent', () => {
    assert.ok(may({ type: 'approve' }, endUser(), pending({ user_id: 'u1' })));
  });

  test('never decides on what they asked for themselves', () => {
    const own = { ...OPEN, requested_by: { kind: 'end_user' as const, id: 'user:u1', name: 'u1' } };
    assert.ok(!may({ type: 'approve' }, endUser(), own));
    assert.ok(!may({ type: 'deny' }, endUser(), own));
    assert.ok(may({ type: 'deny' }, endUser('u2'), own));
  });

  test('is not the member of the same id, name or number', () => {
    const asked = pending({}, ana);
    assert.ok(may({ type: 'approve' }, { ...endUser('mem_ana'), name: ana.name }, asked));
    assert.ok(!may({ type: 'approve' }, endUser('mem_ana'), pending({ assignees: ['mem_ana'] })));
  });

  test('decides where nobody is assigned, or they are, and nowhere else', () => {
    assert.ok(may({ type: 'approve' }, endUser(), pending({ assignees: ['user:u1', 'mem_ana'] })));
    assert.ok(!may({ type: 'approve' }, endUser(), pending({ assignees: ['user:u2'] })));
    assert.ok(!may({ type: 'deny' }, endUser(), pending({ assignees: ['mem_ana'] })));
  });

  test('is never enough for critical risk, whatever the token says', () => {
    const critical = pending({ risk_level: 'critical' });
    assert.ok(!may({ type: 'approve' }, endUser('u1', { max_risk: 'critical' }), critical));
    assert.ok(may({ type: 'deny' }, endUser('u1', { max_risk: 'low' }), critical));
  });
});

describe('an embed token', () => {
  const anyToken = fc.record({
    scope: fc.subarray([...EMBED_SCOPES], { minLength: 1 }),
    max_risk: fc.constantFrom(...RISK_LEVELS),
    listed: fc.boolean(),
  });
  const anyone = fc.oneof(
    fc.constant(null),
    fc
      .constantFrom(...ROLES)
      .map((role): MemberPrincipal => ({ ...person('mem_x', role), assurance: 'linked' })),
  );

  test('INVARIANT: it only takes away', () => {
    fc.assert(
      fc.property(
        anyToken,
        anyone,
        fc.constantFrom(...COMMAND_TYPES),
        fc.constantFrom(...RISK_LEVELS),
        fc.constantFrom([], ['mem_x'], ['user:u1'], ['mem_y']),
        ({ scope, max_risk, listed }, member, type, risk_level, assignees) => {
          const approval = pending({ risk_level, assignees: [...assignees] });
          const bounds = { scope, max_risk, approvals: [listed ? approval.id : 'apr_other0000000'] };
          const principal = member ? { ...member, embed: token(bounds) } : endUser('u1', bounds);
          const context = at(T0, principal);
          const allowed = forbids(type, approval, context) === null;
          assert.equal(maySee(principal, approval), listed);
          if (!allowed) return;
          if (member) assert.equal(forbids(type, approval, at(T0, member)), null);
          const needed: EmbedScope = type === 'ask' ? 'comment' : 'decide';
          assert.ok(scope.includes(needed), `${type} without ${needed}`);
          const approving = type === 'approve' || type === 'approve_with_edits';
          assert.ok(!approving || RISK_LEVELS.indexOf(risk_level) <= RISK_LEVELS.indexOf(max_risk));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('its times: at most five minutes, five seconds of difference between clocks', () => {
    const now_s = T0 / 1000;
    const timely = (iat: number, exp: number, nbf?: number) =>
      isTimely(
        { iat: now_s + iat, exp: now_s + exp, ...(nbf === undefined ? {} : { nbf: now_s + nbf }) } as never,
        T0,
      );
    for (const [iat, exp] of [
      [0, 300],
      [-299, 1],
      [5, 305],
      [-100, -4],
    ] as const)
      assert.ok(timely(iat, exp), `${iat} ${exp}`);
    for (const [iat, exp] of [
      [0, 301],
      [6, 100],
      [-100, -5],
      [0, 0],
      [10, 5],
      [-400, 10],
    ] as const)
      assert.ok(!timely(iat, exp), `${iat} ${exp}`);
    assert.ok(timely(0, 60, 5) && !timely(0, 60, 6));
  });
});

test('origins are taken only as browsers write them', () => {
  const issue = (text: string, own = 'https://approvals.example.com') => originIssue(text, own);
  for (const good of [
    'https://app.example.com',
    'https://app.example.com:8443',
    'http://localhost:3200',
    'http://127.0.0.1:1',
    'http://[::1]:1',
  ])
    assert.equal(issue(good), null, good);
  for (const bad of [
    '*',
    'null',
    'app.example.com',
    'https://*.example.com',
    'https://app.example.com/',
    'https://APP.example.com',
    'https://app.example.com:443',
    'https://app.example.com/path',
    'https://user@app.example.com',
    'http://app.example.com',
    'http://localhost.example.com',
    'ftp://app.example.com',
    'javascript:alert(1)',
    'https://approvals.example.com',
    'chrome-extension://abcdefgh',
  ])
    assert.notEqual(issue(bad), null, bad);
  assert.equal(issue('http://app.intranet', 'http://approvals.intranet'), null, 'a server without https');
});
