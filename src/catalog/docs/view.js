// Elements, made without a parser of HTML: text of endpoints can never be anything but text.

/** view('p', {class: 'note', onclick}, 'text', child, [more]) */
export function view(name, properties, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** A text in which `such` is code. */
export function prose(text) {
  return text.split('`').map((part, i) => (i % 2 === 1 ? view('code', null, part) : part));
}

/** A row of tabs over one panel: [{name, text}], with a button that copies. */
export function tabs(label, pages) {
  const id = `tabs-${Math.random().toString(36).slice(2)}`;
  const panel = view('pre', { id: `${id}-panel`, role: 'tabpanel', tabindex: '0', 'aria-labelledby': `${id}-0` });
  const buttons = pages.map((page, i) =>
    view('button', { type: 'button', role: 'tab', id: `${id}-${i}`, 'aria-controls': `${id}-panel`, onclick: () => choose(i), onkeydown: (event) => move(event, i) }, page.name),
  );
  function choose(which) {
    buttons.forEach((button, i) => {
      button.setAttribute('aria-selected', String(i === which));
      button.tabIndex = i === which ? 0 : -1;
    });
    panel.setAttribute('aria-labelledby', `${id}-${which}`);
    panel.textContent = typeof pages[which].text === 'function' ? pages[which].text() : pages[which].text;
  }
  function move(event, from) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = (from + by + pages.length) % pages.length;
    choose(next);
    buttons[next].focus();
    event.preventDefault();
  }
  choose(0);
  const copy = navigator.clipboard && view('button', { type: 'button', class: 'quiet', onclick: (event) => copyText(event.target, panel.textContent) }, 'Copy');
  return [view('div', { class: 'row spread' }, view('div', { class: 'tabs', role: 'tablist', 'aria-label': label }, buttons), copy), panel];
}

async function copyText(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not allowed';
  }
  setTimeout(() => (button.textContent = 'Copy'), 1500);
}
