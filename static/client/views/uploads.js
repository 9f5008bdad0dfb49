/** The tray of files on their way, each with what became of it. */

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { bytes, count, percent } from '../format.js';
import { isRendering, progressOf, thumbnail } from '../image.js';
import { format } from '../route.js';
import { isSending } from '../state.js';
import * as icons from './icons.js';
import { name } from './parts.js';

const isProblem = ({ status }) => status === 'refused' || status === 'failed';

const WORDS = {
  waiting: ({ size }) => `Waiting · ${bytes(size)}`,
  sending: ({ sent, size }) => `Sending, ${percent(sent)} of ${bytes(size)}`,
  checking: () => 'Sent; the server is looking at it',
  stored: (_, image) => (image ? progressOf(image) : 'Stored'),
  duplicate: () => 'Already here: the same file was uploaded before',
  refused: ({ message }) => message,
  failed: ({ message }) => message,
};

function face({ preview, status }, image) {
  const shown = image && thumbnail(image);
  const url = shown?.state === 'READY' ? shown.url : preview;
  if (status === 'refused') return html`<span class="face failed">${icons.alert}</span>`;
  return html`<span class="face">${url ? html`<img src=${url} alt="">` : icons.picture}</span>`;
}

function row(upload, image, actions) {
  const { key, status, sent } = upload;
  const label = `${isSending(upload) ? 'Cancel' : 'Dismiss'} ${upload.name}`;
  return html`
    <li data-status=${status} data-settled=${image && !isRendering(image) ? '' : nothing}>
      ${face(upload, image)}
      <div>
        <span class="name">${image
          ? html`<a href=${format({ view: 'image', id: image.id })}>${name(upload.name)}</a>` : name(upload.name)}</span>
        <span class="detail">${WORDS[status](upload, image)}</span>
        ${status === 'sending' || status === 'checking'
          ? html`<progress max="1" value=${sent} aria-label="Sent of ${upload.name}"></progress>` : nothing}
      </div>
      ${status === 'failed' ? html`
        <button type="button" class="bare" aria-label="Try ${upload.name} again" title="Try again"
          @click=${() => actions.upload.retry(key)}>${icons.retry}</button>` : nothing}
      <button type="button" class="bare" aria-label=${label} title=${label}
        @click=${() => actions.upload.remove(key)}>${icons.close}</button>
    </li>`;
}

function summary(uploads) {
  const sending = uploads.filter(isSending).length;
  const problems = uploads.filter(isProblem).length;
  const title = sending > 0 ? `Uploading ${count(sending, 'file')}` : 'Uploads';
  return problems > 0 ? `${title} · ${problems} not taken` : title;
}

export function tray({ uploads, images }, actions) {
  if (uploads.length === 0) return nothing;
  return html`
    <section class="tray" aria-label="Uploads">
      <details open>
        <summary>${summary(uploads)}</summary>
        <ul tabindex="-1">${repeat([...uploads].sort((one, other) => isProblem(other) - isProblem(one)), ({ key }) => key, (upload) => row(upload, images[upload.imageId], actions))}</ul>
        <button type="button" class="link" @click=${actions.upload.removeEnded}>Clear finished</button>
      </details>
    </section>`;
}
