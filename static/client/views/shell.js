/** The frame around every view. */

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { format, gallery } from '../route.js';
import { dialog } from './dialogs.js';
import { galleryView } from './gallery.js';
import * as icons from './icons.js';
import { imageView } from './image.js';
import { statusChip, statusPanel } from './status.js';
import { tray } from './uploads.js';

const DELETED = gallery({ deleted: true });

export function titleOf({ route, images }) {
  if (route.view === 'gallery') return route.filter.deleted ? 'Deleted images – Darkroom' : 'Darkroom';
  return `${images[route.id]?.name ?? 'Image'} – Darkroom`;
}

const place = (route, text, isHere) => html`
  <a href=${format(route)} aria-current=${isHere ? 'page' : nothing}>${text}</a>`;

function header(state, actions) {
  const { route } = state;
  const inDeleted = route.view === 'gallery' && Boolean(route.filter.deleted);
  return html`
    <header class="top">
      <a class="brand" href="/">${icons.brand} <span>Darkroom</span></a>
      <nav aria-label="Places">
        ${place(gallery(), 'Images', route.view === 'gallery' && !inDeleted)}
        ${place(DELETED, 'Deleted', inDeleted)}
      </nav>
      ${statusChip(state)}
      <button type="button" class="button primary" @click=${actions.pickFiles}>${icons.upload} Upload</button>
      <input id="picker" type="file" multiple hidden accept="image/*" aria-label="Files to upload"
        @change=${({ target }) => {
          actions.upload.choose(target.files);
          target.value = '';
        }}>
    </header>`;
}

const banner = ({ connection }) => connection === 'down' ? html`
  <div class="banner" role="status">
    ${icons.alert}
    <p><strong>Connection lost.</strong> Reconnecting… What you see may be out of date; nothing will be missed.</p>
  </div>` : nothing;

const toast = ({ toast: shown }, actions) => shown ? html`
  <section class="toast ${shown.failed ? 'failed' : ''}" aria-label="Notice">
    <p dir="auto">${shown.text}</p>
    ${shown.undo ? html`
      <button type="button" class="button" @click=${() => actions.restore(shown.undo)}>Undo</button>` : nothing}
    <button type="button" class="bare" aria-label="Dismiss notice"
      @click=${() => actions.dispatch({ type: 'ToastDismissed' })}>${icons.close}</button>
  </section>` : nothing;

const footer = (actions) => html`
  <footer class="bottom">
    <p>Drop or paste files anywhere to upload them.</p>
    <p>
      <button type="button" class="link" @click=${() => actions.openDialog({ kind: 'shortcuts' })}>Keyboard shortcuts</button>
      <a href="/graphiql">GraphQL API</a>
    </p>
  </footer>`;

/** Keyed, so that saying the same twice is said twice. */
const announcer = ({ announcement }) => html`
  <div class="unseen" role="status" data-announcer>
    ${repeat([announcement], ({ number }) => number, ({ text }) => html`<p>${text}</p>`)}
  </div>`;

export const shell = (state, actions) => html`
  <a class="skip" href="#main">Skip to content</a>
  ${header(state, actions)}
  ${banner(state)}
  <main id="main" tabindex="-1">
    ${state.route.view === 'image' ? imageView(state, actions) : galleryView(state, actions)}
  </main>
  ${footer(actions)}
  <div class="dock">${toast(state, actions)} ${tray(state, actions)}</div>
  ${statusPanel(state)}
  ${announcer(state)}
  ${dialog(state, actions)}
  ${state.dropping ? html`<div class="drop" aria-hidden="true"><p>${icons.upload} Drop to upload</p></div>` : nothing}`;
