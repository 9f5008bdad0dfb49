/** A page of images, in rows of one height like prints on a contact sheet. */

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { count, dimensions, number } from '../format.js';
import { aspect, isRendering, thumbnail } from '../image.js';
import { PAGE_SIZE, format, isFiltered } from '../route.js';
import { clearFilters, toolbar } from './filters.js';
import * as icons from './icons.js';
import { name, notice, retryButton } from './parts.js';

/** Beyond these a print would be a sliver or a ribbon: it keeps its shape on a mat instead. */
const NARROWEST = 0.62;
const WIDEST = 2.8;

const FAILED = html`<span class="blank">${icons.alert} No thumbnail</span>`;
const WAITING = html`<span class="blank developing">Rendering…</span>`;
const NONE = html`<span class="blank">${icons.picture}</span>`;

function print(image) {
  const shown = thumbnail(image);
  if (!shown) return NONE;
  if (shown.state === 'FAILED') return FAILED;
  if (shown.state !== 'READY') return WAITING;
  return html`<img src=${shown.url} width=${shown.width} height=${shown.height} alt="" loading="lazy" decoding="async">`;
}

function card(image) {
  const ratio = Math.min(Math.max(aspect(image), NARROWEST), WIDEST);
  return html`
    <li class="card" .style=${`--ratio: ${ratio.toFixed(4)}`}>
      <a href=${format({ view: 'image', id: image.id })} data-image=${image.id}>
        <span class="print">${print(image)}</span>
        <span class="caption">
          <span class="name">${name(image.name)}</span>
          <span class="detail">${dimensions(image.original)}${isRendering(image)
            ? html` · <span class="busy">rendering</span>` : nothing}</span>
        </span>
      </a>
    </li>`;
}

function pager({ route, page: { ids, total, pageInfo } }) {
  const { hasPreviousPage, hasNextPage, startCursor, endCursor } = pageInfo;
  if (!hasPreviousPage && !hasNextPage) return nothing;
  const { after, before, ...first } = route;
  const link = (isThere, turned, content) => isThere
    ? html`<a class="button" href=${format({ ...first, ...turned })}>${content}</a>`
    : html`<span class="button off" aria-disabled="true">${content}</span>`;
  return html`
    <nav class="pager" aria-label="Pages">
      ${link(hasPreviousPage, { before: startCursor }, html`${icons.previous} Previous`)}
      <span>${ids.length} of ${count(total, 'image')}</span>
      ${link(hasNextPage, { after: endCursor }, html`Next ${icons.next}`)}
    </nav>`;
}

const firstUse = (actions) => html`
  <section class="first">
    ${icons.picture}
    <h2>Nothing developed yet</h2>
    <p>Drop pictures anywhere on this page, paste one, or choose files.</p>
    <p class="choices">
      <button type="button" class="button primary" @click=${actions.pickFiles}>${icons.upload} Choose files</button>
      <button type="button" class="button" @click=${actions.trySample}>Try it with a sample picture</button>
    </p>
  </section>`;

function nothingHere({ route }, actions) {
  if (route.after || route.before) {
    return notice('This page is empty', 'The images that were here have moved or gone.',
      html`<a class="button" href=${format({ ...route, after: '', before: '' })}>Go to the first page</a>`);
  }
  if (isFiltered(route.filter)) {
    return notice('No image fits', 'Nothing matches all of these filters.', clearFilters(route, actions));
  }
  return route.filter.deleted
    ? notice('Nothing is deleted', 'Deleted images are listed here and can be restored.', nothing)
    : firstUse(actions);
}

function failed({ route, page: { failure } }, actions) {
  const isStale = failure.code === 'INVALID_CURSOR';
  return notice(isStale ? 'This page is not known' : 'The images could not be loaded', failure.message, isStale
    ? html`<a class="button" href=${format({ ...route, after: '', before: '' })}>Go to the first page</a>`
    : retryButton(() => actions.dispatch({ type: 'Retried' })));
}

const notRefreshed = ({ message }, actions) => html`
  <p class="problem">Not up to date: ${message}
    <button type="button" class="link" @click=${() => actions.dispatch({ type: 'Retried' })}>Try again</button></p>`;

/** Blank prints hold the place until the first answer comes. */
const undeveloped = html`
  <ul class="grid" aria-hidden="true">
    ${Array.from({ length: 12 }, (_, index) => html`
      <li class="card" .style=${`--ratio: ${[1.5, 0.75, 1.33][index % 3]}`}>
        <span class="print"></span><span class="caption"></span>
      </li>`)}
  </ul>`;

function sheet(state, actions) {
  const { page, images } = state;
  if (page.failure && page.shown !== page.key) return failed(state, actions);
  if (!page.shown) return undeveloped;
  const shown = page.ids.map((id) => images[id]).filter(Boolean);
  if (shown.length === 0 && page.shown === page.key) return nothingHere(state, actions);
  return html`
    ${page.failure ? notRefreshed(page.failure, actions) : nothing}
    <ul class="grid" aria-label="Images" aria-busy=${String(page.shown !== page.key)}>
      ${repeat(shown, ({ id }) => id, card)}
    </ul>`;
}

export function galleryView(state, actions) {
  const { route, page } = state;
  const title = route.filter.deleted ? 'Deleted images' : 'Images';
  const isUnused = page.shown === page.key && page.total === 0 && !isFiltered(route.filter);
  return html`
    <div class="heading">
      <h1 tabindex="-1">${title}</h1>
      ${page.shown && !isUnused ? html`<p class="total">${number(page.total)} <span class="unseen">in all</span></p>` : nothing}
    </div>
    ${isUnused ? nothing : toolbar(state, actions)}
    ${sheet(state, actions)}
    ${page.total > PAGE_SIZE || page.pageInfo.hasPreviousPage ? pager(state) : nothing}`;
}
