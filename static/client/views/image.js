/** One image: the picture, what is known of it, and what was made of it. */

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { presetForms } from '../editor/presets.js';
import { editorStage } from '../editor/stage.js';
import { trialWanted } from '../editor/state.js';
import { editorView } from '../editor/view.js';
import { bytes, clock, date, dimensions, kind, presetName } from '../format.js';
import { cameraInWords, isDeleted, isRendering, portrait } from '../image.js';
import { format, gallery } from '../route.js';
import { zoomButton } from '../zoom.js';
import * as icons from './icons.js';
import { name, notice, retryButton } from './parts.js';

/** The images beside the one shown, on the gallery's page. */
export function neighbours({ route, page: { ids } }) {
  const at = ids.indexOf(route.id);
  return at < 0 ? {} : { previous: ids[at - 1], next: ids[at + 1] };
}

function neighbourLink(id, text, content) {
  return id ? html`
    <a class="bare" href=${format({ view: 'image', id })} data-go="replace" aria-label=${text} title=${text}>${content}</a>`
    : html`<span class="bare off" aria-hidden="true">${content}</span>`;
}

function wayBack(state) {
  const { previous, next } = neighbours(state);
  return html`
    <nav class="way" aria-label="Image">
      <a class="bare" href=${state.page.key || '/'} data-go="back">${icons.back} Gallery</a>
      <span class="turn">
        ${neighbourLink(previous, 'Previous image', icons.previous)}
        ${neighbourLink(next, 'Next image', icons.next)}
      </span>
    </nav>`;
}

function stage(image) {
  const shown = portrait(image);
  const { width, height } = shown ?? image.original;
  const blank = isRendering(image)
    ? html`<span class="blank developing">Rendering…</span>`
    : html`<span class="blank">${icons.alert} No rendition shows this image.</span>`;
  return html`
    <figure class="stage" .style=${`--width: ${width}; --height: ${height}`}>
      ${shown ? html`<img src=${shown.url} width=${width} height=${height} alt=${image.description || image.name}>` : blank}
    </figure>`;
}

function acts(image, actions) {
  if (isDeleted(image)) {
    return html`
      <p class="gone">This image is deleted.</p>
      <button type="button" class="button primary" @click=${() => actions.restore(image.id)}>${icons.restore} Restore</button>`;
  }
  const edit = () => actions.openDialog({ kind: 'edit', image, version: image.version });
  return html`
    ${zoomButton(image)}
    <button type="button" class="button" id="edit" @click=${edit}>${icons.edit} Edit</button>
    <button type="button" class="button" @click=${() => actions.remove(image.id)}>${icons.trash} Delete</button>`;
}

const tag = (text) => html`<li><a class="chip" href=${format(gallery({ tags: [text] }))}>${name(`#${text}`)}</a></li>`;

const words = (image) => html`
  ${image.description ? html`<p class="description" dir="auto">${image.description}</p>` : nothing}
  ${image.tags.length > 0 ? html`<ul class="chips" aria-label="Tags">${image.tags.map(tag)}</ul>` : nothing}`;

const fact = (term, value) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`;

/** By the clock of the camera; one that does not say where it was is told as it stands. */
function taken({ takenAt, metadata }) {
  const { words: text, machine } = clock(takenAt, metadata.utcOffset ?? 0);
  return fact('Taken', html`<time datetime=${machine}>${text}</time>`);
}

const facts = ({ original, takenAt, camera, metadata, uploadedAt, uploadedBy, version }) => html`
  <section aria-labelledby="facts-title">
    <h2 id="facts-title">Original</h2>
    <dl class="facts">
      ${fact('Dimensions', html`${dimensions(original)} <small>px</small>`)}
      ${fact('Size', bytes(original.byteSize))}
      ${fact('Type', kind(original.mediaType))}
      ${original.frames > 1 ? fact('Frames', original.frames) : nothing}
      ${takenAt ? taken({ takenAt, metadata }) : nothing}
      ${camera ? fact('Camera', name(cameraInWords(camera))) : nothing}
      ${fact('Uploaded', html`<time datetime=${uploadedAt}>${date(uploadedAt)}</time>`)}
      ${fact('By', name(uploadedBy))}
      ${fact('Version', version)}
      ${fact('SHA-256', html`<code>${original.sha256}</code>`)}
    </dl>
    <a class="button" href=${original.url} download>${icons.download} Download original</a>
  </section>`;

const STATES = { PENDING: 'Waiting', RENDERING: 'Rendering…', FAILED: 'Failed' };

function rendition({ preset, state, url, width, height, byteSize, mediaType, failure }) {
  const title = presetName(preset);
  const detail = state === 'READY'
    ? `${dimensions({ width, height })} · ${kind(mediaType)} · ${bytes(byteSize)}` : STATES[state];
  return html`
    <li data-preset=${preset} data-state=${state}>
      ${state === 'READY' ? html`<img src=${url} width=${width} height=${height} alt="" loading="lazy">`
        : html`<span class="blank ${state === 'FAILED' ? '' : 'developing'}">${state === 'FAILED' ? icons.alert : nothing}</span>`}
      <div>
        <strong>${title}</strong>
        <span class="detail">${detail}</span>
        ${failure ? html`<span class="problem">${failure.message}</span>` : nothing}
      </div>
      ${state === 'READY' ? html`
        <a class="bare" href=${url} download aria-label="Download ${title}" title="Download ${title}">${icons.download}</a>` : nothing}
    </li>`;
}

const renditions = (image, state, actions) => html`
  <section aria-labelledby="renditions-title">
    <h2 id="renditions-title">Renditions</h2>
    ${image.renditions.length > 0
      ? html`<ul class="renditions">${repeat(image.renditions, ({ id }) => id, rendition)}</ul>`
      : html`<p class="detail">None was asked for.</p>`}
    ${presetForms(image, state, actions)}
  </section>`;

const whole = (image, state, actions) => html`
  <div class="image">
    ${trialWanted(state) ? editorStage(image, state, actions) : stage(image)}
    <div class="about">
      <h1 tabindex="-1" dir="auto">${image.name}</h1>
      ${words(image)}
      <div class="acts">${acts(image, actions)}</div>
      ${editorView(state, actions)}
      ${renditions(image, state, actions)}
      ${facts(image)}
    </div>
  </div>`;

function absent({ picture: { missing, failure } }, actions) {
  const heading = html`<h1 class="unseen" tabindex="-1">Image</h1>`;
  if (missing) {
    return html`${heading}${notice('There is no such image', 'Its address may be mistyped, or it may have been erased for good.',
      html`<a class="button" href="/">Go to the gallery</a>`)}`;
  }
  if (failure) {
    return html`${heading}${notice('The image could not be loaded', failure.message,
      retryButton(() => actions.dispatch({ type: 'Retried' })))}`;
  }
  return html`${heading}<div class="image" aria-hidden="true"><div class="stage"></div><div class="about"></div></div>`;
}

export function imageView(state, actions) {
  const image = state.images[state.route.id];
  return html`${wayBack(state)} ${image ? whole(image, state, actions) : absent(state, actions)}`;
}
