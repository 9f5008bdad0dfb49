/** The picture as the steps make it, and the part of it that is selected. */

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { selection } from './selection.js';

export function editorStage(image, { editor }, actions) {
  const { url, width, height, input } = editor.trial;
  const size = url ? { width, height } : image.original;
  return html`
    <figure class="stage ${editor.draft ? 'editing' : ''}" .style=${`--width: ${size.width}; --height: ${size.height}`}>
      ${url ? html`<img src=${url} width=${width} height=${height} alt=${image.description || image.name}>`
        : html`<span class="blank developing">Rendering…</span>`}
      ${url && editor.draft ? selection(editor, input, actions) : nothing}
    </figure>`;
}
