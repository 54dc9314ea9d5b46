// Who is near a limit: of however many budgets and limits of calls there are, in one answer.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { settings, startGateway } from './support/gateway.js';
import { startUpstream } from './support/upstream.js';

describe('who is near a limit', () => {
  let gateway, upstream, rich, poor;
  const near = async (query = '') => {
    const { status, body } = await gateway.admin('GET', `/admin/v1/near${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const create = async (order) => {
    const { status, body } = await gateway.admin('POST', '/admin/v1/tokens', { scopes: ['*'], ...order });
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  };
  const call = async (token, slug = 'plain') => {
    const response = await gateway.call(slug, { message: 'hi' }, { token: token.token });
    await response.arrayBuffer();
    return response.status;
  };

  before(async () => {
    upstream = await startUpstream();
    gateway = await startGateway({
      files: {
        'pinion.yaml': settings(upstream.url, 'projects: {busy: {limits: {per_hour: 8}}, default: {}}\n'),
        'endpoints/plain.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: s\nparams: {max_tokens: 100}\n',
        'endpoints/narrow.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: s\nparams: {max_tokens: 100}\nlimits: {per_minute: 5, tokens_per_minute: 100000}\n',
        'endpoints/none.yaml': 'provider: upstream\nmodel: gpt-4.1-mini\nsystem: s\nparams: {max_tokens: 100}\nbudget: {daily_usd: 0}\n',
      },
    });
    for (let i = 0; i < 18; i++) upstream.answer('Fine.', { usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 } });
    rich = await create({ name: 'rich', budget: { monthly_usd: '1000' } });
    for (let i = 0; i < 260; i++) await create({ budget: { daily_usd: '5', monthly_usd: '50' } });
    poor = await create({ name: 'poor', budget: { monthly_usd: '0.0015' } }); // behind more than a page of others
  });
  after(async () => {
    const end = await gateway?.stop();
    await upstream?.stop();
    assert.equal(end?.code, 0, end?.stderr());
  });

  test('nobody is while little is used, and a budget of nothing is none that is nearly spent', async () => {
    assert.equal(await call(rich), 200);
    assert.equal(await call(rich, 'none'), 422);
    const { data, total, has_more, complete } = await near();
    assert.deepEqual([data, total, has_more, complete], [[], 0, false, true]);
  });

  test('a budget is among however many others, with what it comes to at its end', async () => {
    for (let i = 0; i < 2; i++) assert.equal(await call(poor), 200); // 0.00056 each
    const all = await near('?percent=70');
    assert.equal(all.total, 1);
    const [row] = all.data;
    assert.deepEqual([row.kind, row.id, row.of, row.name, row.token_name, row.spent_usd, row.limit_usd, row.percent], ['budget', `token/${poor.id}/monthly`, 'token', poor.id, 'poor', '0.001120000', '0.001500000', 74.7]);
    const end = new Date(row.resets_at);
    const begin = Date.UTC(end.getUTCFullYear(), end.getUTCMonth() - 1, 1);
    const gone = (Date.now() - begin) / (end - begin);
    if (gone < 0.1) assert.equal(row.projected_usd, null);
    else assert.ok(Math.abs(Number(row.projected_usd) / (0.00112 / gone) - 1) < 0.01, `${row.projected_usd} after ${gone} of it`);
    // It will not last: it is near although less is spent of it than is asked for.
    assert.equal((await near('?percent=100')).total, gone < 0.1 || 0.00112 / gone <= 0.0015 ? 0 : 1);
  });

  test('limits of a token, of one at an endpoint and of a project are there with what is used of them', async () => {
    const hasty = await create({ name: 'hasty', limits: { per_minute: 4, per_hour: 1000 } });
    for (let i = 0; i < 4; i++) assert.equal(await call(hasty), 200);
    assert.equal(await call(hasty), 429);
    const at = await create({ name: 'at' });
    for (let i = 0; i < 4; i++) assert.equal(await call(at, 'narrow'), 200);
    const member = await create({ name: 'member', project: 'busy' });
    for (let i = 0; i < 7; i++) {
      const response = await fetch(`${gateway.url}/api/busy/plain`, { method: 'POST', headers: { authorization: `Bearer ${member.token}`, 'content-type': 'application/json' }, body: '{"message":"hi"}' });
      assert.equal(response.status, 200, await response.text());
    }
    const { data } = await near();
    const limits = data.filter((row) => row.kind === 'limit');
    assert.deepEqual(
      limits.map((row) => [row.of, row.token_name, row.endpoint, row.policy, row.used, row.limit, row.percent]),
      [['token', 'hasty', null, 'per_minute', 4, 4, 100], ['project', undefined, null, 'per_hour', 7, 8, 87.5], ['token', 'at', 'narrow', 'per_minute', 4, 5, 80]],
    );
    assert.equal(limits[1].name, 'busy');
    for (const row of limits) assert.ok(row.whole_in_s > 0 && row.whole_in_s <= 3600);
    const first = await near('?limit=1');
    assert.deepEqual([first.data.length, first.data[0].token_name, first.has_more, first.total], [1, 'hasty', true, data.length]);
  });

  test('it is for who may see usage, and asked for as it is meant', async () => {
    for (const query of ['?percent=0', '?percent=101', '?limit=201', '?limit=x', '?of=token'])
      assert.equal((await gateway.admin('GET', `/admin/v1/near${query}`)).status, 400, query);
  });
});
