/** Numbers, sizes and dates for people, in the language of their browser. */

const numbers = new Intl.NumberFormat();
const dates = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const clocks = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
const UNITS = ['bytes', 'kB', 'MB', 'GB'];

export const number = (value) => numbers.format(value);

export const count = (value, noun) => `${number(value)} ${noun}${value === 1 ? '' : 's'}`;

export const date = (text) => dates.format(new Date(text));

/** What a clock showed that is so many minutes ahead of UTC, wherever the reader is. */
export function clock(text, offset) {
  const shown = new Date(Date.parse(text) + 60_000 * offset);
  return { words: clocks.format(shown), machine: shown.toISOString().slice(0, 19) };
}

export const percent = (part) => `${Math.round(part * 100)} %`;

export const dimensions = ({ width, height }) => `${number(width)} × ${number(height)}`;

export function bytes(size) {
  const step = size < 1000 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), UNITS.length - 1);
  const value = size / 1000 ** step;
  return `${value.toLocaleString(undefined, { maximumFractionDigits: step > 0 && value < 100 ? 1 : 0 })} ${UNITS[step]}`;
}

const KINDS = { 'image/jpeg': 'JPEG', 'image/png': 'PNG', 'image/webp': 'WebP', 'image/tiff': 'TIFF' };

export const kind = (mediaType) => KINDS[mediaType] ?? mediaType;

/** `grayscale-300` as a person would say it. */
export const presetName = (preset) => !preset ? 'On request' : preset.charAt(0).toUpperCase() + preset.slice(1).replaceAll('-', ' ');
