/** What is asked in front of everything else. */

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { SHORTCUTS, lettersAreOn, switchLetters } from '../keyboard.js';
import * as icons from './icons.js';

/** Told late: by then another one may have been opened. */
const frame = (kind, title, content, actions) => html`
  <dialog aria-labelledby="dialog-title"
    @close=${({ target }) => target.open || actions.dispatch({ type: 'DialogClosed', kind })}>
    <header>
      <h2 id="dialog-title">${title}</h2>
      <button type="button" class="bare" aria-label="Close" @click=${actions.closeDialog}>${icons.close}</button>
    </header>
    ${content}
  </dialog>`;

const problems = (errors) => errors.length === 0 ? nothing : html`
  <div class="problem" id="problems" role="alert">${errors.map(({ message }) => html`<p>${message}</p>`)}</div>`;

const isAbout = (errors, field) => errors.some((error) => error.field?.at(-1) === field) ? 'true' : nothing;

function editForm({ image, saving, errors }, actions) {
  const conflict = errors.some(({ code }) => code === 'VERSION_CONFLICT');
  return html`
    <form @submit=${(event) => {
      event.preventDefault();
      actions.save(event.currentTarget);
    }}>
      ${problems(errors)}
      <label class="field">
        <span>Name</span>
        <input name="name" required dir="auto" autocomplete="off" .value=${image.name}
          aria-invalid=${isAbout(errors, 'name')} aria-describedby=${errors.length > 0 ? 'problems' : nothing}>
      </label>
      <label class="field">
        <span>Description</span>
        <textarea name="description" rows="4" dir="auto" .value=${image.description}
          aria-invalid=${isAbout(errors, 'description')}></textarea>
      </label>
      <label class="field">
        <span>Tags <small>separated by commas</small></span>
        <input name="tags" dir="auto" autocomplete="off" .value=${image.tags.join(', ')}
          aria-invalid=${isAbout(errors, 'tags')}>
      </label>
      <footer>
        <button type="button" class="button" @click=${actions.closeDialog}>Cancel</button>
        <button type="submit" class="button primary" aria-disabled=${String(saving)}>
          ${saving ? 'Saving…' : conflict ? 'Save anyway' : 'Save'}</button>
      </footer>
    </form>`;
}

const shortcuts = () => html`
  <dl class="shortcuts">
    ${SHORTCUTS.map(({ keys, text }) => html`
      <div><dt>${text}</dt><dd>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dd></div>`)}
  </dl>
  <label class="switch">
    <input type="checkbox" ?checked=${lettersAreOn()} @change=${({ target }) => switchLetters(target.checked)}>
    Use shortcuts of a single letter or sign
  </label>`;

export function dialog({ dialog: asked }, actions) {
  if (!asked) return nothing;
  return asked.kind === 'edit'
    ? frame(asked.kind, 'Edit image', editForm(asked, actions), actions)
    : frame(asked.kind, 'Keyboard shortcuts', shortcuts(), actions);
}
