/** One preset in the list: what it does, which version of it images show, and the way to another one. */

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { count, kind, number, presetName } from '../format.js';
import * as icons from '../views/icons.js';
import { name } from '../views/parts.js';
import { recipeInWords } from './catalogue.js';
import { dryRunInWords, dryRunOf, isBehind, mayRollBack, settled } from './replay.js';

function outputInWords({ mediaType, quality }) {
  return [mediaType && kind(mediaType), quality && `quality ${quality}`].filter(Boolean).map((word) => ` · ${word}`).join('');
}

const picture = (url, image, version) => (url
  ? html`<img src=${url} alt="“${image.name}” by version ${version}">`
  : html`<span class="blank">Not made</span>`);

const pair = ({ shownVersion, version }) => ({ image, before, after }) => html`
  <li>
    <figure>
      ${picture(before, image, shownVersion)}
      ${icons.next}
      ${picture(after, image, version)}
      <figcaption class="detail">${name(image.name)}</figcaption>
    </figure>
  </li>`;

const dryRunView = (dryRun, editor) => html`
  <p>${dryRunInWords(dryRun)}</p>
  ${dryRun.sample.length > 0 ? html`
    <ul class="pairs" aria-label="Before and after">${dryRun.sample.map(pair(dryRun.preset))}</ul>` : nothing}
  <button type="button" class="button primary" aria-label="Replay ${dryRun.preset.name}"
    @click=${() => editor.replay(dryRun.preset)}>Replay</button>`;

function behind(preset, replays, editor) {
  const dryRun = dryRunOf(replays, preset);
  return html`
    <p>Images show version ${number(preset.shownVersion)} of ${number(preset.version)}.</p>
    <button type="button" class="button" aria-label="Try replay of ${preset.name}"
      @click=${() => editor.tryReplay(preset)}>Try replay</button>
    ${dryRun ? dryRunView(dryRun, editor) : nothing}`;
}

const progress = (preset, operation) => html`
  <p>Replaying: ${number(settled(operation))} of ${count(operation.total, 'image')}.</p>
  <progress max=${operation.total} .value=${settled(operation)} aria-label="Replay of ${preset.name}"></progress>`;

const latest = (preset, editor) => html`
  <p>Images show version ${number(preset.version)}.</p>
  <button type="button" class="button" aria-label="Roll back ${preset.name}"
    @click=${() => editor.rollBack(preset)}>Roll back</button>`;

function standing(preset, replays, editor) {
  const operation = replays.running[preset.name];
  if (operation) return progress(preset, operation);
  if (isBehind(preset)) return behind(preset, replays, editor);
  return mayRollBack(preset) ? latest(preset, editor) : nothing;
}

/** The name takes the focus where a button goes away under it. */
export const presetItem = ({ operations, replays }, editor) => (preset) => html`
  <li>
    <div>
      <strong id="preset-${preset.name}" tabindex="-1">${presetName(preset.name)}</strong>
      <span class="detail">${recipeInWords(operations, preset.steps)}${outputInWords(preset)}</span>
    </div>
    ${preset.version > 0 ? html`
      <button type="button" class="bare" aria-label="Remove the preset ${preset.name}" title="Remove the preset ${preset.name}"
        @click=${() => editor.removePreset(preset)}>${icons.trash}</button>
      <div class="standing">${standing(preset, replays, editor)}</div>` : nothing}
  </li>`;
