/** The editor beside the picture: the steps of its recipe, the one that is being made, and its histogram. */

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { form, picker } from './form.js';
import { histogram } from './histogram.js';
import { stack } from './stack.js';
import { editable } from './state.js';

export function editorView(state, actions) {
  const image = editable(state);
  if (!image) return nothing;
  const { editor } = state;
  return html`
    <section class="editor" aria-labelledby="steps-title">
      ${stack(image, editor, actions.editor)}
      ${picker(editor, actions.editor)}
      ${editor.draft ? form(editor, actions) : nothing}
    </section>
    ${histogram(editor, actions)}`;
}
