/** The plain card of the review page: everything that is asked is on it, whatever the template, and nothing of it is markup. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EXAMPLES } from '../../schemas/examples.ts';
import { schemaFor } from '../../schemas/templates.ts';
import type { Approval } from '../../schemas/approval.ts';
import { card } from '../../server/core/card.ts';
import type { CardFact } from '../../server/core/card-facts.ts';
import { dataBlock, textOf } from '../../server/http/html.ts';
import { cardOf } from '../../server/http/review-card.ts';
import { wordsOf } from '../support/mail-pages.ts';
import { SAMPLE_TIME, sampleApproval } from '../support/sample-approvals.ts';

const options = { locale: 'en', time_zone: 'UTC', now_ms: Date.parse(SAMPLE_TIME) };
const drawn = (approval: Approval) => {
  const made = card(approval, schemaFor(approval.type, approval.escalation_schema), options);
  return { made, text: textOf(cardOf(made, approval)) };
};
const squeezed = (text: string) => text.replace(/\s+/g, '');

function texts(facts: readonly CardFact[]): string[] {
  return facts.flatMap((fact) => [
    fact.label,
    fact.text,
    fact.note ?? '',
    fact.was ?? '',
    ...fact.columns,
    // The two sides of a diff are its lines.
    ...texts(fact.kind === 'diff' ? [] : fact.children),
    ...fact.rows.flatMap((row) => texts(row.flatMap((cell) => cell ?? []))),
  ]);
}

describe('the plain card', () => {
  for (const [name, examples] of Object.entries(EXAMPLES)) {
    test(`it shows every fact and every word of the ${name} examples`, () => {
      for (const example of examples) {
        const approval = { ...sampleApproval(), ...(example as Partial<Approval>) };
        const { made, text } = drawn(approval);
        const page = squeezed(wordsOf(text));
        const wanted = [
          made.question.text,
          made.risk.word,
          made.expires.text,
          made.action_type,
          ...made.says.flatMap(({ lines }) => lines),
          ...made.who.details.flatMap(({ label, text: said }) => [label, said]),
        ];
        // Labels of cells stand in the head of their table.
        const facts = [...made.facts, ...made.context, ...made.request].flatMap((fact) => texts([fact]));
        for (const part of [...wanted, ...facts])
          assert.ok(page.includes(squeezed(part)), `${name}: “${part}” is not on the page`);
      }
    });
  }

  test('whatever others wrote is text: no tag, attribute, script or end of the data block comes of it', () => {
    const evil = [
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "' onmouseover='alert(1)",
      '</script><script>alert(1)</script>',
      '<!--',
      '</textarea><b>',
      '\u202Egnp.exe',
      'javascript:alert(1)',
    ];
    for (const text of evil) {
      const approval: Approval = {
        ...sampleApproval(),
        action_summary: text,
        reasoning: text,
        agent_name: text,
        side_effects: [text],
        params: {
          [text]: text,
          list: [text],
          rows: [{ a: text }],
          nested: { [text]: { [text]: text } },
          url: text,
        },
        context: { [text]: text },
        escalation_schema: {
          type: 'object',
          title: text,
          properties: { url: { title: text, description: text } },
        },
      };
      const html = drawn(approval).text;
      assert.doesNotMatch(html, /<(script|img|!--)/i, text);
      assert.doesNotMatch(html, /<[^>]*\son\w+=/i, text);
      assert.doesNotMatch(html, /href="javascript/i, text);
      assert.ok(!html.includes('\u202E'), 'what reorders text is written out');
      const block = textOf(dataBlock('approval', approval));
      assert.equal(block.match(/</g)?.length, 2, 'its own two tags');
      const inside = block.slice(block.indexOf('>') + 1, block.lastIndexOf('<'));
      assert.deepEqual(JSON.parse(inside), JSON.parse(JSON.stringify(approval)));
    }
  });
});
