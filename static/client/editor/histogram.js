/** How often each level occurs in the picture that is shown, or in the selected part of it. */

import { html, nothing, svg } from '../vendor/lit-html/lit-html.js';
import { number, percent } from '../format.js';
import { isSelected } from './state.js';

const HEIGHT = 100;
const CHANNELS = ['red', 'green', 'blue'];
const LAST = 255;

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

const path = (name, levels, most) => svg`<path class=${name} d=${area(levels, most)}/>`;

function chart(levels) {
  const most = Math.max(1, ...CHANNELS.flatMap((channel) => levels[channel]), ...levels.luminance);
  return html`
    <svg viewBox="0 0 ${LAST + 1} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-labelledby="histogram-words">
      ${CHANNELS.map((channel) => path(channel, levels[channel], most))}
      ${path('luminance', levels.luminance, most)}
    </svg>`;
}

function content(editor) {
  const { levels, failure } = editor.histogram;
  if (failure) return html`<p class="problem">${failure.message}</p>`;
  if (!levels) return html`<p class="detail">Counting…</p>`;
  return html`
    <figure>
      ${chart(levels)}
      <figcaption class="detail" id="histogram-words">
        ${isSelected(editor) ? 'Of the selected part: ' : nothing}${inWords(levels.luminance)}
      </figcaption>
    </figure>`;
}

export const histogram = (editor, actions) => html`
  <section class="histogram">
    <details ?open=${editor.histogram.open}
      @toggle=${({ target }) => target.open !== editor.histogram.open
        && actions.dispatch({ type: 'HistogramToggled', open: target.open })}>
      <summary><h2>Histogram</h2></summary>
      ${editor.histogram.open ? content(editor) : nothing}
    </details>
  </section>`;
