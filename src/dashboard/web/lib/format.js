// How things are written: money, counts, durations, times. One place, so that the same thing looks
// the same on every screen. What is not known is a dash.
const NONE = '–';
const known = (value) => value !== undefined && value !== null && value !== '' && !Number.isNaN(Number(value));

const whole = new Intl.NumberFormat('en-US');
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** 1234567 is "1,234,567". */
export const count = (value) => (known(value) ? whole.format(value) : NONE);
/** 1234567 is "1.2M". */
export const compact = (value) => (known(value) ? (Math.abs(value) < 10000 ? whole.format(value) : short.format(value)) : NONE);

/** Dollars as people read them: cents from a dollar on, and below as many places as say something. */
export function usd(value) {
  if (!known(value)) return NONE;
  const amount = Number(value);
  const size = Math.abs(amount);
  if (size === 0) return '$0';
  if (size >= 10000) return `$${short.format(amount)}`;
  if (size >= 1) return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumSignificantDigits: 3, minimumSignificantDigits: 2, maximumFractionDigits: 9 })}`;
}
/** To the nano-dollar, as it is in the API. */
export const usdExact = (value) => (known(value) ? `$${value}` : NONE);

/** A message of the API as a sentence's beginning. */
export const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** Milliseconds: "0.42 ms", "87 ms", "1.24 s", "2 min 5 s". */
export function ms(value) {
  if (!known(value)) return NONE;
  const n = Number(value);
  if (n < 1) return `${n.toFixed(2)} ms`;
  if (n < 10) return `${n.toFixed(1)} ms`;
  if (n < 1000) return `${Math.round(n)} ms`;
  if (n < 60000) return `${(n / 1000).toFixed(2)} s`;
  return `${Math.floor(n / 60000)} min ${Math.round((n % 60000) / 1000)} s`;
}
export const us = (value) => (known(value) ? ms(Number(value) / 1000) : NONE);

/** A share of a whole: percent(3, 200) is "1.5%"; of nothing there is none. */
export function percent(part, all) {
  if (!known(part) || !known(all) || Number(all) === 0) return NONE;
  const share = (100 * part) / all;
  return `${share > 0 && share < 0.1 ? '<0.1' : share >= 10 || share === 0 ? Math.round(share) : share.toFixed(1)}%`;
}

/** What became of a number: change(120, 100) is "+20%". */
export function change(now, before) {
  if (!known(now) || !known(before) || Number(before) === 0) return Number(now) > 0 && known(before) ? 'new' : NONE;
  const share = Math.round((100 * (now - before)) / before);
  return share === 0 ? '±0%' : `${share > 0 ? '+' : '−'}${Math.abs(share)}%`;
}

export function bytes(value) {
  if (!known(value)) return NONE;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let n = Number(value);
  let i = 0;
  for (; n >= 1024 && i < units.length - 1; i++) n /= 1024;
  return `${i === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[i]}`;
}

const two = (n) => String(n).padStart(2, '0');
/** A time of the API in this browser's zone; the day only where it is not today. */
export function localTime(value, { seconds = true } = {}) {
  const date = new Date(value);
  if (!value || Number.isNaN(date.getTime())) return NONE;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}${seconds ? `:${two(date.getSeconds())}` : ''}`;
  const today = new Date().toDateString() === date.toDateString();
  return today ? clock : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}
/** "2026-11-27 00:32:04.123 UTC" */
export function utcTime(value) {
  const date = new Date(value);
  return !value || Number.isNaN(date.getTime()) ? '' : `${date.toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}
/** "3 minutes ago", "in 2 days". */
export function relative(value, now = Date.now()) {
  const time = new Date(value).getTime();
  if (!value || Number.isNaN(time)) return NONE;
  const away = Math.abs(now - time);
  const units = [['second', 1000], ['minute', 60000], ['hour', 3600000], ['day', 86400000]];
  const [name, size] = units.findLast(([, one]) => away >= one) ?? units[0];
  const n = Math.floor(away / size);
  const text = `${n} ${name}${n === 1 ? '' : 's'}`;
  return time <= now ? `${text} ago` : `in ${text}`;
}
