// Charts by uPlot, in the colours of the theme. A chart answers a question, which is its label; those
// who cannot see it have the same as a table, which is never drawn unless it is asked for.
import { html, useEffect, useMemo, useRef, useState } from '../lib/html.js';
import { localTime } from '../lib/format.js';

let library;
/** The library and its styles, when the first chart is drawn. */
function load() {
  return (library ??= (async () => {
    const root = new URL('../vendor/', import.meta.url);
    if (!document.querySelector('link[data-uplot]')) {
      const link = document.createElement('link');
      link.rel = 'stylesheet';
      link.dataset.uplot = '';
      link.href = new URL('uplot.css', root).href;
      document.head.append(link);
    }
    return (await import('../vendor/uplot.js')).default;
  })());
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
/** Colours of series, in order; the last is for "all others". */
export const palette = ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6'];

function useTheme() {
  const [at, setAt] = useState(0);
  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)');
    const look = () => setAt((n) => n + 1);
    const watch = new MutationObserver(look);
    watch.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    system.addEventListener('change', look);
    return () => (watch.disconnect(), system.removeEventListener('change', look));
  }, []);
  return at;
}

const DAY_S = 86400;
const dayName = (time) => new Date(time * 1000).toLocaleDateString('en-US', { weekday: 'short', month: 'short', day: 'numeric', timeZone: 'UTC' });
const shortDay = (time) => new Date(time * 1000).toLocaleDateString('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' });
const timeName = (time, day) => (day ? dayName(time) : localTime(time * 1000, { seconds: false }));

/** Sums of the series up to each, so that they lie on one another. */
function piled(series, times) {
  const sum = times.map(() => 0);
  return series.map((one) => one.values.map((value, i) => (sum[i] += value ?? 0)));
}

function options(uPlot, { times, series, shades, format, height, width, stacked, bars, day, onPoint }) {
  const line = colour('--line');
  const axis = { stroke: colour('--soft'), grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '12px system-ui' };
  const drawn = series.map((one, i) => ({
    stroke: shades[i],
    width: bars ? 0 : 1.5,
    fill: stacked || bars ? shades[i] : one.fill ? `${shades[i]}26` : undefined,
    paths: bars ? uPlot.paths.bars({ size: [0.72, 36] }) : undefined,
    points: { show: !bars && times.length < 2 },
  }));
  return {
    width,
    height,
    padding: [12, 16, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: !bars }, drag: { x: false, y: false } },
    tzDate: day ? (time) => uPlot.tzDate(new Date(time * 1000), 'Etc/UTC') : undefined,
    scales: {
      x: { time: true, range: bars ? (self, min, max) => [min - DAY_S / 2, max + DAY_S / 2] : undefined },
      y: { range: (self, min, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      day ? { ...axis, size: 28, grid: { show: false }, incrs: [1, 2, 7, 14, 30].map((n) => n * DAY_S), values: (self, ticks) => ticks.map(shortDay) } : { ...axis, size: 28, grid: { show: false }, values: (self, ticks) => ticks.map((time) => new Date(time * 1000).toTimeString().slice(0, 5)) },
      { ...axis, size: (self, texts) => Math.max(40, ...(texts ?? []).map((text) => 7 * text.length + 16)), values: (self, ticks) => ticks.map(format) },
    ],
    // What lies on top is drawn first, and the others over it.
    series: [{}, ...(stacked ? drawn.toReversed() : drawn)],
    hooks: { setCursor: [(self) => onPoint(self.cursor.idx ?? undefined)] },
  };
}

/** Names, colours, and what each was: at the point under the cursor, or altogether. */
function Legend({ times, series, shades, format, day, point, total }) {
  const value = (one) => (point === undefined ? (total ? one.values.reduce((sum, each) => sum + (each ?? 0), 0) : one.values.at(-1)) : one.values[point]);
  return html`
    <div class="legend">
      <span class="legend-time">${point === undefined ? (total ? 'Altogether' : 'Last') : timeName(times[point], day)}</span>
      ${series.map((one, i) => html`<span key=${one.label} class="legend-item"><span class="swatch" style=${{ background: shades[i] }}></span>${one.label} <span class="num">${format(value(one))}</span></span>`)}
    </div>`;
}

/**
 * times: seconds; series: [{label, values, fill, colour: 'bad', rest}]; format(value) says a value.
 * stacked: the series are parts of one whole and lie on one another. bars: instead of lines. day: each
 * point is a day, at its beginning in UTC. total: what the legend shows is the sum, as long as nothing is pointed at.
 */
export function Chart({ label, times, series, format = String, height = 200, stacked = false, bars = false, day = false, total = true }) {
  const box = useRef();
  const theme = useTheme();
  const [asTable, setAsTable] = useState(false);
  const [point, setPoint] = useState();
  const shades = useMemo(
    () => series.map((one, i) => colour(one.colour ? `--${one.colour}` : one.rest ? palette.at(-1) : palette[i % (palette.length - 1)])),
    [series, theme],
  );
  useEffect(() => {
    if (asTable) return undefined;
    let chart;
    let watch;
    let gone = false;
    load().then((uPlot) => {
      if (gone || !box.current) return;
      const width = () => Math.max(200, box.current?.clientWidth ?? 200);
      const values = stacked ? piled(series, times).toReversed() : series.map((one) => one.values);
      chart = new uPlot(options(uPlot, { times, series, shades, format, height, width: width(), stacked, bars, day, onPoint: setPoint }), [times, ...values], box.current);
      watch = new ResizeObserver(() => chart.setSize({ width: width(), height }));
      watch.observe(box.current);
    });
    return () => {
      gone = true;
      watch?.disconnect();
      chart?.destroy();
    };
  }, [times, series, shades, height, asTable]);

  return html`
    <figure class="chart">
      <figcaption class="row spread"><span>${label}</span><button type="button" class="button quiet small" aria-pressed=${asTable ? 'true' : 'false'} onclick=${() => setAsTable(!asTable)}>As a table</button></figcaption>
      ${asTable
        ? html`<div class="table-wrap" role="group" aria-label=${label} tabindex="0"><table>
            <thead><tr><th scope="col">Time</th>${series.map((one) => html`<th key=${one.label} scope="col" class="right">${one.label}</th>`)}</tr></thead>
            <tbody>${times.map((time, i) => html`<tr key=${time}><td class="nowrap">${timeName(time, day)}</td>${series.map((one) => html`<td key=${one.label} class="right">${format(one.values[i])}</td>`)}</tr>`)}</tbody>
          </table></div>`
        : html`<div class="plot" style=${{ height: `${height}px` }} ref=${box} role="img" aria-label=${label}></div>
            <${Legend} times=${times} series=${series} shades=${shades} format=${format} day=${day} point=${point} total=${total} />`}
    </figure>`;
}
