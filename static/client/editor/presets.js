/** Renditions by a preset or in another format, and the recipe of an image kept as a preset. */

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { presetName } from '../format.js';
import { presetItem } from './preset.js';
import { editable, namesake } from './state.js';

const FORMATS = { JPEG: 'JPEG', PNG: 'PNG', WEBP: 'WebP', AVIF: 'AVIF', TIFF: 'TIFF' };

const outputFields = (usual) => html`
  <label class="field">
    <span>Format</span>
    <select name="format">
      <option value="">${usual}</option>
      ${Object.entries(FORMATS).map(([value, name]) => html`<option value=${value}>${name}</option>`)}
    </select>
  </label>
  <label class="field">
    <span>Quality <small>1 to 100</small></span>
    <input type="number" name="quality" min="1" max="100" step="1" placeholder="as usual">
  </label>
  <label class="field">
    <span>At most <small>px wide and high</small></span>
    <input type="number" name="largest" min="1" max="32768" step="1" placeholder="as it is">
  </label>`;

const submitted = (act) => (event) => {
  event.preventDefault();
  act(event.currentTarget);
};

const renderForm = ({ presets: { list } }, editor) => html`
  <form class="render" @submit=${submitted(editor.render)}>
    <label class="field wide">
      <span>Make a rendition</span>
      <select name="preset">
        <option value="">Of the picture as it is</option>
        ${list.map(({ name }) => html`<option value=${name}>By ${presetName(name)}</option>`)}
      </select>
    </label>
    ${outputFields('As usual')}
    <button type="submit" class="button">Render</button>
  </form>`;

const saveForm = (state, { dispatch, editor }) => html`
  <form class="save" @submit=${submitted(editor.savePreset)}>
    <label class="field wide">
      <span>Save these steps as a preset <small>a to z, 0 to 9, hyphens</small></span>
      <input required maxlength="64" pattern="[a-z0-9\\-]+" autocomplete="off" autocapitalize="none" spellcheck="false"
        placeholder="soft-gray" .value=${state.presets.name}
        @input=${({ target }) => dispatch({ type: 'PresetNamed', name: target.value })}>
    </label>
    ${outputFields('As the original')}
    <button type="submit" class="button">${namesake(state) ? 'Replace preset' : 'Save preset'}</button>
  </form>`;

export function presetForms(image, state, actions) {
  if (!editable(state)) return nothing;
  const { editor } = actions;
  const { presets } = state.editor;
  return html`
    ${renderForm(state.editor, editor)}
    <details class="presets">
      <summary>Presets</summary>
      <ul>${repeat(presets.list, ({ name }) => name, presetItem(state.editor, editor))}</ul>
      ${image.recipe.steps.some(({ enabled }) => enabled) ? saveForm(state.editor, actions)
        : html`<p class="detail">Give the picture steps, and they can be saved as a preset.</p>`}
    </details>`;
}
