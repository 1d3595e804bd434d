/**
 * The admin pages: forms from the API's schemas, what is said at a field, what waits for another admin, what is asked
 * before it is removed.
 */
import { expect, waitUntil } from '@open-wc/testing';
import { leaves } from '../../components/admin-fields.ts';
import { SECTIONS } from '../../components/admin-sections.ts';
import { doc, fieldOf, formOf, open, press, textOf, type } from './admin-opened.ts';

describe('settings', () => {
  it('are drawn from their schema: every one of them, with what it does and its unit', async () => {
    const { root } = await open('settings');
    const forms = [...root.querySelectorAll('admin-form')];
    await Promise.all(forms.map((form) => form.updateComplete));
    const { properties } = (doc as { components: { schemas: { Settings: { properties: object } } } })
      .components.schemas.Settings;
    const drawn = forms.flatMap((form) => form.fields.map(({ at }) => at.slice(1)));
    expect(drawn.toSorted()).to.deep.equal(Object.keys(properties).toSorted());
    for (const field of forms.flatMap((form) => form.fields)) expect(field.help, field.at).not.to.equal('');
    const { inside } = await formOf(root);
    expect(fieldOf(inside, 'High risk').value).to.equal('4 h');
    expect(fieldOf(inside, 'Critical risk').value).to.equal('1 h 30 min');
  });

  it('a new setting appears by itself, with its description, even in a shape the page knows nothing of', async () => {
    const more = structuredClone(doc) as {
      components: { schemas: { Settings: { properties: Record<string, unknown> } } };
    };
    more.components.schemas.Settings.properties['later'] = {
      type: 'array',
      items: { anyOf: [{ type: 'string' }, { type: 'object' }] },
      description: 'Comes with a later version.',
    };
    const { fake, root } = await open('settings', null, ({ holds }) => {
      holds['/v1/openapi.json'] = more;
      holds['/v1/settings'] = { ...(holds['/v1/settings'] as object), later: [{ a: 'x' }] };
    });
    const last = root.querySelectorAll('admin-form').length - 1;
    const { form, inside } = await formOf(root, last);
    expect(textOf(inside)).to.contain('Comes with a later version.');
    type(inside, 'Later', '[{"a":');
    await form.updateComplete;
    press(inside, 'Save');
    await waitUntil(() => textOf(inside).includes('This is not JSON yet.'));
    type(inside, 'Later', '[{"a":"y"}]');
    await form.updateComplete;
    press(inside, 'Save');
    await waitUntil(() => fake.calls.some(({ method }) => method === 'PUT'));
    expect(fake.calls.find(({ method }) => method === 'PUT')?.body).to.deep.equal({ later: [{ a: 'y' }] });
  });

  it('a list of things has a card for each: added, filled, moved, and what is wrong stands at its field', async () => {
    const more = structuredClone(doc) as {
      components: { schemas: { Settings: { properties: Record<string, unknown> } } };
    };
    const step = { type: 'object', properties: { after_s: { type: 'integer', description: 'When.' } } };
    const escalation = { type: 'array', items: step, description: 'Who else.' };
    const action_type = { type: 'string', description: 'The action.' };
    more.components.schemas.Settings.properties['routes'] = {
      type: 'array',
      items: { type: 'object', required: ['action_type'], properties: { action_type, escalation } },
      description: 'Who is asked.',
    };
    const { fake, root } = await open('settings', null, ({ holds }) => {
      holds['/v1/openapi.json'] = more;
      holds['/v1/settings'] = { ...(holds['/v1/settings'] as object), routes: [{ action_type: 'cards.*' }] };
    });
    const { form, inside } = await formOf(root);
    press(inside, 'Add one to Routes');
    await form.updateComplete;
    const second = inside.querySelectorAll('li')[1];
    const name = second?.querySelector('input');
    if (!second || !name) throw new Error('There is no second card.');
    name.value = 'payments.*';
    name.dispatchEvent(new Event('input'));
    await form.updateComplete;
    press(second, 'Add one to When nobody decides');
    await form.updateComplete;
    const after = second.querySelector<HTMLInputElement>(':scope li input');
    if (!after) throw new Error('There is no step.');
    after.value = '2 h';
    after.dispatchEvent(new Event('input'));
    await form.updateComplete;
    expect(after.value, 'what is typed stays').to.equal('2 h');
    const errors = [{ location: 'body/routes/1/escalation/0/after_s', message: 'must be <= 3600' }];
    fake.next({ status: 400, body: { code: 'invalid_input', detail: '', errors } });
    press(inside, 'Save');
    await waitUntil(() => after.getAttribute('aria-invalid') === 'true');
    expect(textOf(inside).split('This must be <= 3600.').length, 'said once').to.equal(2);
    await expect(form).to.be.accessible();
    after.value = '1 h';
    after.dispatchEvent(new Event('input'));
    await form.updateComplete;
    press(second, 'Up');
    await form.updateComplete;
    press(inside, 'Save');
    await waitUntil(() => textOf(root).includes('The settings are saved'));
    expect(fake.calls.findLast(({ method }) => method === 'PUT')?.body).to.deep.equal({
      routes: [{ action_type: 'payments.*', escalation: [{ after_s: 3600 }] }, { action_type: 'cards.*' }],
    });
  });

  it('marks what is changed, undoes it by field, and saves only what differs, in seconds', async () => {
    const { fake, root } = await open('settings');
    const { form, inside } = await formOf(root);
    type(inside, 'High risk', '6 h');
    type(inside, 'Low risk', 'two weeks');
    await form.updateComplete;
    expect(textOf(inside))
      .to.contain('2 unsaved changes')
      .and.to.contain('Write a time such as 90 min, 4 h or 7 d.');
    press(inside, 'Undo the change of Low risk');
    await form.updateComplete;
    expect(fieldOf(inside, 'Low risk').value).to.equal('7 d');
    press(inside, 'Save');
    await waitUntil(() => textOf(root).includes('The settings are saved'));
    expect(fake.calls.find(({ method }) => method === 'PUT')?.body).to.deep.equal({
      life_s: { low: 604_800, medium: 86_400, high: 21_600, critical: 5_400 },
    });
    await form.updateComplete;
    expect(form.isDirty).to.equal(false);
  });

  it('what the server finds wrong stands at its field, which has the focus, and what was typed stays', async () => {
    const { fake, root } = await open('settings');
    const { form, inside } = await formOf(root);
    type(inside, 'High risk', '30 s');
    fake.next({
      status: 400,
      body: {
        code: 'invalid_input',
        detail: '',
        errors: [{ location: 'body/life_s/high', message: 'must be >= 60' }],
      },
    });
    await form.updateComplete;
    press(inside, 'Save');
    await waitUntil(() => textOf(inside).includes('This must be >= 60.'));
    const input = fieldOf(inside, 'High risk');
    expect([input.value, input.getAttribute('aria-invalid')]).to.deep.equal(['30 s', 'true']);
    expect(inside.activeElement).to.equal(input);
    await expect(form).to.be.accessible();
  });

  it('a change that waits for another admin is not shown as made, and leads to its approval', async () => {
    const { fake, root } = await open('settings');
    const { form, inside } = await formOf(root);
    fake.next({
      status: 202,
      body: {
        status: 'pending_approval',
        approval_id: 'apr_01CHANGE0001',
        title: 'Longer times to decide',
        loosens: ['High risk stays open for 6 h instead of 4 h.'],
      },
    });
    type(inside, 'High risk', '6 h');
    await form.updateComplete;
    press(inside, 'Save');
    await waitUntil(() => textOf(root).includes('Not in force yet.'));
    expect(textOf(root)).to.contain('instead of 4 h').and.not.to.contain('are saved');
    expect(root.querySelector('.notice a')?.getAttribute('href')).to.equal('/approvals/apr_01CHANGE0001');
    await form.updateComplete;
    expect(fieldOf(inside, 'High risk').value).to.equal('4 h');
  });

  it('a conflict is said in the server’s words; what was typed stays over what is read again', async () => {
    const { fake, root } = await open('settings');
    const { form, inside } = await formOf(root);
    type(inside, 'High risk', '6 h');
    await form.updateComplete;
    fake.next({
      status: 409,
      body: { code: 'conflict', detail: 'Kim Osei changed it.', next: 'Look again.' },
    });
    fake.holds['/v1/settings'] = {
      ...(fake.holds['/v1/settings'] as { life_s: object }),
      life_s: { low: 60, medium: 60, high: 60, critical: 60 },
    };
    press(inside, 'Save');
    await waitUntil(() => textOf(root).includes('Kim Osei changed it.'));
    await form.updateComplete;
    expect([fieldOf(inside, 'High risk').value, fieldOf(inside, 'Low risk').value]).to.deep.equal([
      '6 h',
      '1 min',
    ]);
  });
});

describe('rules', () => {
  it('says what a draft would have done before it is saved, and sends the draft that was shown', async () => {
    const more = structuredClone(doc) as { paths: Record<string, unknown> };
    const text = (description: string) => ({ type: 'string', description });
    const match = {
      type: 'object',
      properties: {
        'action.prefix': text('Begins so.'),
        'cost.usd.max': { type: 'number', description: 'Cost.' },
      },
    };
    const schema = {
      type: 'object',
      required: ['name', 'match'],
      properties: { name: text('Name.'), match },
    };
    more.paths['/v1/rules'] = { post: { requestBody: { content: { 'application/json': { schema } } } } };
    const { fake, root } = await open('rules', null, ({ holds }) => (holds['/v1/openapi.json'] = more));
    press(root, 'Write a rule');
    const { form, inside } = await formOf(root);
    type(inside, 'Name', 'Refunds');
    type(inside, 'Action begins with', 'refunds.');
    type(inside, 'Costs at most, in US dollars', '50');
    await waitUntil(() =>
      textOf(inside).includes('approved 37 of the last 1,000 requests; people had denied 2 of them.'),
    );
    expect(textOf(inside)).to.contain('Refund order 1182 twice').and.to.contain('It fits every refund');
    const tried = fake.calls.filter(({ path }) => path.endsWith('/preview'));
    expect(tried.length, 'one call for one pause').to.equal(1);
    press(inside, 'Save the rule');
    await waitUntil(() => textOf(root).includes('The rule Refunds is saved.'));
    const saved = fake.calls.find(({ method, path }) => method === 'POST' && path === '/v1/rules');
    expect(tried[0]?.body).to.deep.equal({ rule: saved?.body });
    expect(saved?.body).to.deep.include({ match: { 'action.prefix': 'refunds.', 'cost.usd.max': 50 } });
    expect(form.isConnected).to.equal(false);
  });
});

describe('sections', () => {
  it('every field of every form says what it does, by itself or by its group', async () => {
    const silent: string[] = [];
    for (const [name] of SECTIONS) {
      const { root } = await open(name);
      root.querySelector<HTMLElement>('div > .approve')?.click();
      await new Promise(requestAnimationFrame);
      for (const { fields } of root.querySelectorAll('admin-form')) {
        const alone = fields.filter(({ help }) => help === '').flatMap(leaves);
        silent.push(...alone.filter(({ help }) => help === '').map(({ at }) => `${name} ${at}`));
      }
    }
    expect(silent).to.deep.equal([]);
  });

  it('a form that is closed gives the focus back to what opened it', async () => {
    const { root } = await open('members');
    press(root, 'Add a member');
    const { inside } = await formOf(root);
    await waitUntil(() => inside.activeElement === fieldOf(inside, 'Name'));
    press(inside, 'Cancel');
    await waitUntil(() => root.activeElement?.textContent?.trim() === 'Add a member');
  });

  it('one that the server has not got says so, and the page stands', async () => {
    const { admin, root } = await open('trust', null, ({ holds }) => (holds['/v1/trust'] = null));
    expect(textOf(root)).to.contain('This server has not got this yet.');
    expect(admin.shadowRoot?.querySelectorAll('nav a').length).to.equal(SECTIONS.length);
  });

  it('a member is removed after one question that says what follows, and not before', async () => {
    const { fake, root } = await open('members');
    const asked = () => fake.calls.filter(({ method }) => method === 'DELETE');
    for (const [answer, deleted] of [
      ['Keep it', 0],
      ['Remove Kim Osei', 1],
    ] as const) {
      press(root, 'Remove Kim Osei');
      await waitUntil(() => root.querySelector('dialog')?.open);
      const dialog = root.querySelector('dialog');
      if (!dialog) throw new Error('Nothing is asked.');
      expect(textOf(dialog)).to.contain('signed out everywhere');
      await expect(dialog).to.be.accessible();
      press(dialog, answer);
      await waitUntil(() => !root.querySelector('dialog'));
      expect(asked().length).to.equal(deleted);
    }
  });

  it('a secret is shown once, to be copied', async () => {
    const { fake, root } = await open('keys');
    press(root, 'Make a key');
    const { form, inside } = await formOf(root);
    type(inside, 'Name', 'Staging');
    await form.updateComplete;
    fake.next({ status: 201, body: { name: 'Staging', key: 'cs_live_secret' } });
    press(inside, 'Make the key');
    await waitUntil(() => root.querySelector('.secret input'));
    expect(root.querySelector<HTMLInputElement>('.secret input')?.value).to.equal('cs_live_secret');
    expect(fake.calls.find(({ method }) => method === 'POST')?.body).to.deep.equal({
      kind: 'agent',
      name: 'Staging',
    });
    press(root, 'Make a key');
    await waitUntil(() => !root.querySelector('.secret'));
  });

  it('a gate is a switch of three; letting something run is asked for, and a no puts the switch back', async () => {
    const { fake, root } = await open('gates');
    const group = [...root.querySelectorAll('fieldset')].find((one) =>
      one.textContent?.includes('cards.create'),
    );
    const radios = [...(group?.querySelectorAll('input') ?? [])];
    radios[2]?.click();
    await waitUntil(() => root.querySelector('dialog')?.open);
    press(root.querySelector('dialog') ?? root, 'Keep it');
    await waitUntil(() => radios[0]?.checked);
    radios[1]?.click();
    await waitUntil(() => fake.calls.some(({ method }) => method === 'PUT'));
    expect(fake.calls.find(({ method }) => method === 'PUT')?.body).to.deep.equal({
      action_types: { 'cards.create': 'required' },
    });
  });

  it('a delivery is sent again', async () => {
    const { fake, root } = await open('webhooks', 'whk_01HOOK000001');
    await waitUntil(() =>
      root.querySelector('admin-deliveries')?.shadowRoot?.textContent?.includes('given up'),
    );
    const inner = root.querySelector('admin-deliveries')?.shadowRoot;
    if (!inner) throw new Error('There are no deliveries.');
    press(inner, 'Send again');
    await waitUntil(() => textOf(inner).includes('on its way again'));
    expect(fake.calls.at(-2)?.path ?? '').to.match(/^\/v1\//);
    expect(fake.calls.find(({ method }) => method === 'POST')?.path).to.equal(
      '/v1/webhooks/whk_01HOOK000001/deliveries/whd_01DELIVERY01/replay',
    );
  });
});
