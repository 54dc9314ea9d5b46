// Numbers of several rounds as min, median and max, and as an aligned table.
export function spread(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return { min: sorted[0], median, max: sorted.at(-1) };
}

// [{rps: 1, p50_us: 2}, ...] -> {rps: {min, median, max}, ...}
export const spreads = (rounds) => Object.fromEntries(
    Object.keys(rounds[0]).map((key) => [key, spread(rounds.map((round) => round[key]))]));

export const round = (value) => Number(value.toFixed(value < 10 ? 2 : value < 1000 ? 1 : 0));

const cell = (value) => round(value).toLocaleString('en-US');
const range = ({ min, median, max }) => `${cell(min)} / ${cell(median)} / ${cell(max)}`;

const labels = { rps: 'requests/s', p50_us: 'p50 us', p99_us: 'p99 us', max_us: 'max us',
    cpu_us: 'CPU us/request', rss_kb: 'RSS KiB', call_kb: 'RSS KiB/call',
    first_p50_us: 'first event p50 us',
    first_p99_us: 'first event p99 us', whole_p50_us: 'whole p50 us', whole_p99_us: 'whole p99 us' };

function aligned(rows) {
    const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
    return rows.map((row) => row
        .map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join('  ')).join('\n');
}

// `results`: name of a server -> spreads. Ratios are of medians.
export function table(title, results, keys) {
    const names = Object.keys(results);
    const compared = results.nginx && results.pinion;
    const added = results.direct && results.pinion;
    const rows = [[title, ...names, ...(added ? ['pinion - direct'] : []), ...(compared ? ['pinion / nginx'] : [])]];
    for (const key of keys) {
        const median = (name) => results[name][key].median;
        rows.push([`  ${labels[key]}`, ...names.map((name) => range(results[name][key])),
            ...(added ? [key === 'rps' || key === 'rss_kb' ? '' : cell(median('pinion') - median('direct'))] : []),
            ...(compared ? [`${round(median('pinion') / median('nginx'))}x`] : [])]);
    }
    return aligned(rows);
}
