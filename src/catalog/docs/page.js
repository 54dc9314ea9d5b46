// The docs page: a token is typed in, the endpoints that it may call are shown, and can be tried.
import { curl, javascript, python } from './snippets.js';
import { fieldTable, resolve, start } from './schema.js';
import { prose, tabs, view } from './view.js';

const main = document.getElementById('main');
const list = document.getElementById('list');
const frame = document.getElementById('frame');
const forget = document.getElementById('forget');

const KEPT = 'pinion-docs-token'; // for this tab only, and as long as it is open
let token = '';
let openapi;
let running; // what stops the call under way

/* --- the token --- */

function showGate(problem) {
  running?.abort();
  openapi = undefined;
  list.hidden = forget.hidden = true;
  frame.classList.remove('listed');
  document.title = 'Endpoints';
  const field = view('input', {
    type: 'password', id: 'token', name: 'token', autocomplete: 'off', spellcheck: 'false', required: true,
    'aria-describedby': problem ? 'gate-note gate-wrong' : 'gate-note', 'aria-invalid': problem ? 'true' : undefined,
  });
  const form = view('form', { onsubmit: (event) => (event.preventDefault(), open(field.value.trim())) },
    view('label', { for: 'token' }, 'Token'), field,
    view('p', { class: 'note', id: 'gate-note' }, 'It is kept in this tab, and sent to this server only.'),
    view('div', { class: 'row' }, view('button', { type: 'submit' }, 'Show endpoints')),
    problem && view('p', { class: 'wrong', id: 'gate-wrong', role: 'alert' }, problem),
  );
  main.replaceChildren(
    view('section', { class: 'gate' },
      view('h1', null, 'Endpoints'),
      view('p', { class: 'lead' }, 'A prompt and a model behind a fixed contract each. Which there are depends on what your token may call.'),
      view('div', { class: 'sheet' }, form)),
  );
  field.focus();
}

async function open(given) {
  if (!given) return showGate('Type in a token, as pin_live_…');
  main.replaceChildren(view('p', { class: 'note', role: 'status' }, 'Loading…'));
  let response, body;
  try {
    response = await fetch('/openapi.json', { headers: { authorization: `Bearer ${given}` } });
    body = await response.json();
  } catch (error) {
    return showGate(error instanceof TypeError ? 'The server cannot be reached.' : 'The server gave no document.');
  }
  if (!response.ok) {
    sessionStorage.removeItem(KEPT);
    return showGate(`${body.error.message}${body.error.hint ? ` – ${body.error.hint}` : ''} (${body.error.code})`);
  }
  token = given;
  sessionStorage.setItem(KEPT, given);
  openapi = body;
  forget.hidden = false;
  showList();
  showChosen();
}

forget.addEventListener('click', () => {
  token = '';
  sessionStorage.removeItem(KEPT);
  showGate();
});

/* --- the list --- */

const slugs = () => Object.keys(openapi.paths).map((path) => path.slice(1));
const chosen = () => decodeURIComponent(location.hash.slice(1));

function showList() {
  const entries = slugs().map((slug) => view('li', null, view('a', { href: `#${slug}` }, slug)));
  const none = view('p', { class: 'none', hidden: true }, 'None has this in its name.');
  const filter = view('input', {
    type: 'search', 'aria-label': 'Filter endpoints', placeholder: 'Filter',
    oninput: () => {
      for (const entry of entries) entry.hidden = !entry.textContent.includes(filter.value.trim().toLowerCase());
      none.hidden = entries.some((entry) => !entry.hidden);
    },
  });
  list.replaceChildren(...(entries.length > 6 ? [filter] : []), view('ul', null, entries), none);
  list.hidden = entries.length === 0;
  frame.classList.toggle('listed', entries.length > 0);
}

function showChosen() {
  running?.abort();
  const known = slugs();
  const slug = known.includes(chosen()) ? chosen() : known[0];
  for (const link of list.querySelectorAll('a')) {
    if (link.hash === `#${slug}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (slug === undefined) {
    main.replaceChildren(
      view('section', { class: 'gate' }, view('h1', null, 'No endpoints'),
        view('p', { class: 'lead' }, 'This token may call none. Whoever issued it can change its scope: pinion token update ID --scope SLUG')),
    );
    return;
  }
  showEndpoint(slug, openapi.paths[`/${slug}`].post);
}

addEventListener('hashchange', () => {
  if (!openapi || chosen() === 'main') return;
  showChosen();
  main.focus();
  scrollTo(0, 0);
});

/* --- one endpoint --- */

const schemaOf = (content) => content?.['application/json']?.schema;
const pretty = (value) => JSON.stringify(value, null, 2);

/** The schema of the input, if there is one, and under which name it goes where something stands beside it. */
function inputOf(operation) {
  const forms = resolve(openapi, schemaOf(operation.requestBody.content)).anyOf ?? [];
  for (const { properties } of forms)
    for (const name of ['input', 'variables']) if (properties?.[name]?.$ref) return { name, schema: properties[name] };
  return { schema: forms.find((form) => form.$ref) }; // it has fields of both names itself
}

function examplesOf(operation) {
  const written = Object.values(operation.requestBody.content['application/json'].examples ?? {});
  if (written.length > 0) return written.map(({ summary, value }) => ({ summary, value }));
  const { name, schema } = inputOf(operation);
  const input = schema && start(openapi, schema);
  return [{ summary: 'A start', value: !schema ? { message: 'Hello.' } : name ? { [name]: input } : input }];
}

function showEndpoint(slug, operation) {
  const content = operation.responses['200'].content;
  const answer = resolve(openapi, schemaOf(content));
  const output = answer.properties?.meta ? answer.properties.output : schemaOf(content);
  const { schema: input } = inputOf(operation);
  const url = `${openapi.servers[0].url}/${slug}`;
  const trial = tryIt(slug, operation, 'text/event-stream' in content);
  const body = () => trial.body();
  document.title = `${slug} – Endpoints`;
  main.replaceChildren(
    view('h1', null, slug),
    view('p', { class: 'path' }, view('span', { class: 'verb' }, 'POST'), view('code', null, url), operation.deprecated && view('span', { class: 'status bad' }, 'deprecated')),
    view('p', { class: 'lead' }, prose(operation.description)),
    trial.section,
    view('section', { class: 'sheet', 'aria-label': 'Input' }, view('h2', null, 'Input'),
      input ? fieldTable(openapi, input, 'Fields of the input')
        : view('p', null, 'A text as ', view('code', null, 'message'), ', or a conversation as ', view('code', null, 'messages'), '.')),
    view('section', { class: 'sheet', 'aria-label': 'Output' }, view('h2', null, 'Output'),
      output ? fieldTable(openapi, output, 'Fields of the output')
        : view('p', null, 'Text, as ', view('code', null, 'content'), '.')),
    view('section', { class: 'sheet', 'aria-label': 'From your code' }, view('h2', null, 'From your code'),
      tabs('Languages', [
        { name: 'curl', text: () => curl(url, body()) },
        { name: 'JavaScript', text: () => javascript(url, body()) },
        { name: 'Python', text: () => python(url, body()) },
      ]),
      view('p', { class: 'row note' }, 'Typed clients: ', view('code', null, `pinion client ts ${slug}`), ' ', view('code', null, `pinion client python ${slug}`))),
  );
}

/* --- trying it --- */

function tryIt(slug, operation, streams) {
  const examples = examplesOf(operation);
  const editor = view('textarea', { id: 'body', spellcheck: 'false', 'aria-describedby': 'body-note' });
  const stream = view('input', { type: 'checkbox', id: 'stream' });
  const result = view('div', { 'aria-live': 'polite' });
  const call = view('button', { type: 'submit' }, 'Call');
  const stop = view('button', { type: 'button', class: 'quiet', hidden: true, onclick: () => running?.abort() }, 'Stop');
  const choice = view('select', { id: 'example', onchange: () => (editor.value = pretty(examples[choice.selectedIndex].value)) },
    examples.map(({ summary }) => view('option', null, summary)));
  editor.value = pretty(examples[0].value);

  async function submit(event) {
    event?.preventDefault();
    if (running) return;
    let body;
    try {
      body = JSON.parse(editor.value);
    } catch (error) {
      result.replaceChildren(view('p', { class: 'wrong' }, `The body is not JSON: ${error.message}`));
      editor.focus();
      return;
    }
    running = new AbortController();
    call.disabled = true;
    stop.hidden = false;
    try {
      await makeCall(slug, withStream(body, stream.checked), result, running.signal);
    } catch (error) {
      result.append(view('p', { class: 'wrong' }, error.name === 'AbortError' ? 'Stopped.' : `The call failed: ${error.message}`));
    } finally {
      running = undefined;
      call.disabled = false;
      stop.hidden = true;
    }
  }
  /** A bare input goes under its name, where it leaves room for `stream`. */
  function withStream(body, wanted) {
    const { name } = inputOf(operation);
    if (!wanted) return body;
    const wrapped = !name || ['message', 'messages', 'input', 'variables'].some((one) => one in body);
    return wrapped ? { ...body, stream: true } : { [name]: body, stream: true };
  }

  const form = view('form', { onsubmit: submit },
    view('div', { class: 'row spread' },
      view('label', { for: 'body' }, 'Body'),
      examples.length > 1 && view('span', null, view('label', { class: 'inline', for: 'example' }, 'Example ', choice))),
    editor,
    view('p', { class: 'note', id: 'body-note' }, 'A call is a real one: it counts and may cost. Ctrl and Enter call, too.'),
    view('div', { class: 'row' }, call, stop, streams && view('label', { class: 'inline', for: 'stream' }, stream, 'Stream')),
    result);
  editor.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
  });
  return {
    section: view('section', { class: 'sheet', 'aria-label': 'Try it' }, view('h2', null, 'Try it'), form),
    body: () => editor.value,
  };
}

async function makeCall(slug, body, result, signal) {
  const began = performance.now();
  const status = view('span', { class: 'status busy' }, 'calling');
  const facts = view('span', { class: 'note' });
  result.replaceChildren(view('div', { class: 'row' }, status, facts));
  const response = await fetch(`/${slug}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
  const tell = () => {
    const cost = response.headers.get('pinion-cost-usd');
    facts.textContent = [
      `${Math.round(performance.now() - began)} ms`, response.headers.get('pinion-model'),
      cost && `$${cost}`, response.headers.get('x-request-id'),
    ].filter(Boolean).join(' · ');
  };
  status.textContent = String(response.status);
  status.className = `status ${response.ok ? 'good' : 'bad'}`;
  tell();
  if (response.ok && response.headers.get('content-type')?.startsWith('text/event-stream')) await showStream(response, result, status);
  else showAnswer(await response.json(), response.ok, result);
  tell();
}

function showAnswer(body, good, result) {
  if (!good) return void result.append(...problemOf(body.error));
  const enveloped = body !== null && typeof body === 'object' && body.meta !== undefined && body.usage !== undefined;
  const shown = enveloped ? (body.output ?? body.content) : body;
  result.append(typeof shown === 'string' ? view('div', { class: 'answer' }, shown) : view('pre', { tabindex: '0', 'aria-label': 'Output' }, pretty(shown)));
  if (enveloped) result.append(view('details', null, view('summary', null, 'The whole answer'), view('pre', { tabindex: '0', 'aria-label': 'The whole answer' }, pretty(body))));
}

function problemOf(error) {
  const violations = error.details?.violations ?? [];
  return [
    view('p', { class: 'wrong' }, view('strong', null, error.code), ` – ${error.message}`, error.hint && view('br'), error.hint),
    violations.length > 0 && view('div', { class: 'wide' },
      view('table', { class: 'fields', 'aria-label': 'Violations' },
        view('thead', null, view('tr', null, ['Where', 'What', 'Found'].map((name) => view('th', { scope: 'col' }, name)))),
        view('tbody', null, violations.map((one) => view('tr', null,
          view('td', null, view('code', null, one.instance_path || '(all of it)')), view('td', null, one.message), view('td', null, one.got)))))),
    view('p', { class: 'row note' }, view('a', { href: `/docs/errors#${error.code}` }, 'What this code means')),
  ].filter(Boolean);
}

async function showStream(response, result, status) {
  const shown = view('div', { class: 'answer' });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  result.append(shown);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith('data: ') || line === 'data: [DONE]') continue;
      const chunk = JSON.parse(line.slice(6));
      if (chunk.error) {
        status.className = 'status bad';
        result.append(...problemOf(chunk.error));
        continue;
      }
      shown.append(chunk.choices?.[0]?.delta?.content ?? '');
    }
  }
}

const kept = sessionStorage.getItem(KEPT);
if (kept) open(kept);
else showGate();
