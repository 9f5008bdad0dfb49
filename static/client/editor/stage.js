/** The picture as the steps make it, and the part of it that is selected. */

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import * as icons from '../views/icons.js';
import { selection } from './selection.js';

const blank = ({ failure }) => (failure ? html`<span class="blank">${icons.alert} ${failure.message}</span>`
  : html`<span class="blank developing">Rendering…</span>`);

export function editorStage(image, { editor }, actions) {
  const { draft, trial } = editor;
  const { url, width, height, input, pending, failure } = trial;
  // While a step is made, its form says what is wrong; else what is shown would be taken for what was asked for.
  const isShown = url && (draft || !failure);
  const size = isShown ? { width, height } : image.original;
  return html`
    <figure class="stage ${draft ? 'editing' : ''}" .style=${`--width: ${size.width}; --height: ${size.height}`}
      aria-busy=${String(pending)}>
      ${isShown ? html`<img src=${url} width=${width} height=${height} alt=${image.description || image.name}>` : blank(trial)}
      ${isShown && draft ? selection(editor, input, actions) : nothing}
    </figure>`;
}
