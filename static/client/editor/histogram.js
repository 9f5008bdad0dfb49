/** How often each level occurs in the picture that is shown, or in the selected part of it. */

import { html, nothing, svg } from '../vendor/lit-html/lit-html.js';
import { HEIGHT, LAST, area, inWords } from './levels.js';
import { isSelected } from './state.js';

const CHANNELS = ['red', 'green', 'blue'];

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
