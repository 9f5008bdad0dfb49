/** Counts of levels as words and as shapes. Pure. */

import { number, percent } from '../format.js';

export const HEIGHT = 100;
export const LAST = 255;

const sum = (values) => values.reduce((total, value) => total + value, 0);

/** What the picture says, in words. @param {number[]} levels - how many pixels there are of each */
export function inWords(levels) {
  const total = sum(levels);
  const mean = Math.round(sum(levels.map((pixels, level) => pixels * level)) / total);
  const darkest = levels.findIndex(Boolean);
  const lightest = levels.findLastIndex(Boolean);
  return `${number(total)} px. Brightness from ${darkest} to ${lightest} of ${LAST}, ${mean} on average; `
    + `${percent(levels[0] / total)} is black, ${percent(levels[LAST] / total)} white.`;
}

/** By square roots: what is rare can be seen beside what is not. */
function height(pixels, most) {
  return HEIGHT - Math.round(Math.sqrt(pixels / most) * HEIGHT * 10) / 10;
}

/** An area under the counts, from dark to light, as an SVG path. @param {number[]} levels */
export function area(levels, most) {
  const steps = levels.map((pixels) => `V${height(pixels, most)}h1`);
  return `M0 ${HEIGHT}${steps.join('')}V${HEIGHT}Z`;
}
