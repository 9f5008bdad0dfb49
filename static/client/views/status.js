/** What is still running, and whether this page would be told when it is done. */

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { count, presetName } from '../format.js';
import { isSettled } from '../image.js';
import { format } from '../route.js';
import { isSending, running } from '../state.js';
import { name } from './parts.js';

const CONNECTION = {
  connecting: { word: 'Connecting', sentence: 'Connecting to the log of events.' },
  'catching up': { word: 'Catching up', sentence: 'Connected again; reading what happened meanwhile.' },
  live: { word: 'Live', sentence: 'Connected. Every change shows here the moment it happens.' },
  down: { word: 'Offline', sentence: 'Not connected. Trying again until it works.' },
};
const LONGEST_LIST = 20;

const unsettled = (image) => image.renditions.filter((rendition) => !isSettled(rendition));

function workload(state) {
  const uploads = state.uploads.filter(isSending).length;
  const renditions = running(state).flatMap(unsettled).length;
  return { uploads, renditions, total: uploads + renditions };
}

export function statusChip(state) {
  const { total } = workload(state);
  const { word } = CONNECTION[state.connection];
  const text = total > 0 && state.connection === 'live' ? `${total} running` : word;
  return html`
    <button type="button" class="chip status" popovertarget="status" data-connection=${state.connection}
      data-busy=${total > 0 ? '' : nothing}>
      <span class="lamp"></span> <span>${text}</span> <span class="unseen">– show what is running</span>
    </button>`;
}

const work = (image) => unsettled(image).map(({ preset, state }) => html`
  <li>
    <a href=${format({ view: 'image', id: image.id })}>${name(image.name)}</a>
    <span>${presetName(preset)}, ${state === 'PENDING' ? 'waiting' : 'rendering'}</span>
  </li>`);

export function statusPanel(state) {
  const { uploads, renditions, total } = workload(state);
  const listed = running(state).flatMap(work).slice(0, LONGEST_LIST);
  return html`
    <div id="status" class="panel" popover role="dialog" aria-labelledby="status-title">
      <h2 id="status-title">What is running</h2>
      <p>${CONNECTION[state.connection].sentence}</p>
      ${total === 0 ? html`<p>Nothing that this page knows of is running.</p>` : html`
        <p>${count(uploads, 'upload')} and ${count(renditions, 'rendition')} under way.</p>
        <ul>${listed}</ul>`}
      ${renditions > listed.length ? html`<p>… and ${renditions - listed.length} more.</p>` : nothing}
    </div>`;
}
