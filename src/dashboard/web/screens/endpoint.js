// One endpoint: its files in force, its versions, what differs between two, and going back.
import { html, useState } from '../lib/html.js';
import { api, useApi, useList } from '../lib/api.js';
import { setQuery, to } from '../lib/router.js';
import { Await, Badge, Button, Card, Dialog, Head, Problem, Tabs, Time, toast } from '../ui/basics.js';
import { Code, Diff } from '../ui/code.js';
import { InFolder } from '../ui/diagnostics.js';
import { SelectField } from '../ui/form.js';
import { ListTable } from '../ui/table.js';

export const versionPath = (slug, number) => `/versions/${encodeURIComponent(number ? `${slug}@${number}` : slug)}`;
const Files = ({ list }) => html`<div class="stack">${list.map((file) => html`<div key=${file.path}><p class="file-name">${file.path}</p>${file.content === undefined ? html`<p class="note">It is not text.</p>` : html`<${Code} text=${file.content.replace(/\n$/, '')} wrap=${false} label=${file.path} />`}</div>`)}</div>`;

/** What would be gone and what would come, before it is done. */
function Rollback({ slug, current, number, onDone, onClose }) {
  const wanted = useApi(versionPath(slug, number));
  const [error, setError] = useState();
  const [report, setReport] = useState();
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const done = await api('POST', `/endpoints/${slug}/rollback`, { body: { version: number } });
      toast(`${slug} is at version ${done.version}, which is ${done.of} again`);
      onDone();
    } catch (problem) {
      setError(problem);
      setReport(problem.report);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title=${`Back to version ${number}?`} onClose=${onClose} wide>
      <div class="stack">
        <p>It is in force at once, as a new version, in place of what the folder has, until those files change. This is what changes:</p>
        <${Await} of=${wanted}>${(version) => html`<${Diff} before=${current.files} after=${version.files} />`}<//>
        <${Problem} error=${error} />
        ${report && html`<${Code} text=${report} label="Why it does not load" />`}
        <div class="row end"><${Button} onclick=${onClose}>Cancel<//><${Button} kind="main" busy=${busy} disabled=${!wanted.data} onclick=${act}>Go back<//></div>
      </div>
    <//>`;
}

function Compare({ slug, versions, from, until }) {
  const numbers = versions.map((one) => String(one.version));
  const a = numbers.includes(from) ? from : numbers[1];
  const b = numbers.includes(until) ? until : numbers[0];
  const before = useApi(a ? versionPath(slug, a) : null);
  const after = useApi(b ? versionPath(slug, b) : null);
  if (numbers.length < 2) return html`<p class="note">There is one version only.</p>`;
  return html`
    <div class="filters">
      <${SelectField} label="From" value=${a} options=${numbers} onInput=${(value) => setQuery({ from: value })} />
      <${SelectField} label="To" value=${b} options=${numbers} onInput=${(value) => setQuery({ to: value })} />
    </div>
    <${Await} of=${before}>${(old) => html`<${Await} of=${after}>${(now) => html`<${Diff} before=${old.files} after=${now.files} />`}<//>`}<//>`;
}

const changesOf = (row) => (row.changes ?? []).map((one) => `${one.change} ${one.path}`).join(', ') || 'settings';

export default function Endpoint({ params, query }) {
  const { slug } = params;
  const current = useApi(versionPath(slug));
  const versions = useList(`/endpoints/${encodeURIComponent(slug)}/versions`, { query: { limit: 50 } });
  const [going, setGoing] = useState();
  const reload = () => (current.reload(), versions.reload());
  return html`
    <${Head} title=${slug} back=${{ href: to('/endpoints'), label: 'Endpoints' }} lead=${current.data && html`<span class="row">version ${current.data.version} <code>${current.data.hash.slice(0, 12)}</code>${current.data.rolled_back && html`<${Badge} tone="warn">rolled back<//>`}</span>`}>
      <a class="button" href=${to('/requests', { endpoint: slug })}>Requests</a>
      <a class="button" href=${to('/costs', { endpoint: slug, by: 'model' })}>Costs</a>
      <a class="button" href=${to('/tests', { endpoint: slug })}>Tests</a>
      <a class="button" href=${to('/explain', { endpoint: slug })}>Explain routing</a>
      <a class="button" href=${to('/playground', { endpoint: slug })}>Try it</a>
      <a class="button main" href=${to(`/endpoints/${slug}/draft`)}>Edit a draft</a>
    <//>
    <${InFolder} slug=${slug} onReload=${reload} />
    <${Await} of=${current}>${(endpoint) => html`
      <${Card}>
        <${Tabs} label="Endpoint" value=${query.get('tab') ?? 'files'} onChange=${(tab) => setQuery({ tab })} tabs=${[
          { key: 'files', label: 'Files', count: endpoint.files.length, render: () => html`<${Files} list=${endpoint.files} />` },
          { key: 'versions', label: 'Versions', render: () => html`<${ListTable} label="Versions" list=${versions} rowKey=${(row) => row.version} rowHref=${(row) => to(`/endpoints/${slug}`, { tab: 'compare', from: row.version > 1 ? row.version - 1 : undefined, to: row.version })}
            empty=${{ title: 'No version is recorded yet.' }} columns=${[
              { key: 'version', label: 'Version', render: (row) => `${row.version}${row.of ? `, as ${row.of} was` : ''}` },
              { key: 'at', label: 'Since', render: (row) => html`<${Time} at=${row.at} />` },
              { key: 'actor', label: 'By', wide: true, render: (row) => `${row.actor}, ${row.cause}` },
              { key: 'changes', label: 'What changed', wide: true, render: changesOf },
              { key: 'act', label: html`<span class="sr">Act</span>`, align: 'right', render: (row) => (row.version === endpoint.version ? html`<${Badge} tone="good">in force<//>` : html`<${Button} class="small" onclick=${() => setGoing(row.version)}>Go back<//>`) },
            ]} />` },
          { key: 'compare', label: 'Compare', render: () => html`<${Compare} slug=${slug} versions=${versions.rows} from=${query.get('from')} until=${query.get('to')} />` },
        ]} />
      <//>
      ${going && html`<${Rollback} slug=${slug} current=${endpoint} number=${going} onClose=${() => setGoing(undefined)} onDone=${() => (setGoing(undefined), reload())} />`}`}<//>`;
}
