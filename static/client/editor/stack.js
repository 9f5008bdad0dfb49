/** The steps of an image's recipe, the first at the top. */

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import * as icons from '../views/icons.js';
import { stepInWords, title } from './catalogue.js';

function tool(label, icon, act, isOff = false) {
  return html`
    <button type="button" class="bare ${isOff ? 'off' : ''}" aria-label=${label} title=${label}
      aria-disabled=${isOff ? 'true' : nothing} @click=${() => isOff || act()}>${icon}</button>`;
}

function row(step, index, steps, { operations, draft }, editor) {
  const name = title(step.operation);
  const words = stepInWords(operations, step);
  return html`
    <li class=${step.enabled ? '' : 'disabled'} data-step=${step.number}
      aria-current=${draft?.number === step.number ? 'step' : nothing}>
      <label>
        <input type="checkbox" .checked=${step.enabled} aria-label="Do step ${index + 1}, ${name}"
          @click=${(event) => {
            // Shown as it is, until the server says that it is otherwise.
            event.preventDefault();
            editor.toggle(step);
          }}>
        <span><strong>${name}</strong>${words ? html`<span class="detail" dir="auto">${words}</span>` : nothing}</span>
      </label>
      <span class="tools">
        ${tool(`Move ${name} up`, icons.up, () => editor.move(step, index - 1), index === 0)}
        ${tool(`Move ${name} down`, icons.down, () => editor.move(step, index + 1), index === steps.length - 1)}
        ${tool(`Change ${name}`, icons.edit, () => editor.open(step.operation, step))}
        ${tool(`Remove ${name}`, icons.trash, () => editor.remove(step))}
      </span>
    </li>`;
}

export function stack({ recipe: { steps }, version }, state, editor) {
  return html`
    <header>
      <h2 id="steps-title" tabindex="-1">Steps</h2>
      ${tool('Undo', icons.undo, editor.undo, version === 1)}
      ${tool('Redo', icons.redo, editor.redo, version === 1)}
    </header>
    ${steps.length > 0
      ? html`<ol class="steps">${repeat(steps, ({ number }) => number, (step, index) => row(step, index, steps, state, editor))}</ol>`
      : html`<p class="detail">Nothing is done to this picture.</p>`}`;
}
