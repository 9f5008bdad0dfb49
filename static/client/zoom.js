/** Looks closely at one image: a dialog of the size of the window, in which tiles of it are drawn. */

import { html, render } from './vendor/lit-html/lit-html.js';
import { moved, seen, whole, within, zoomed } from './tiles.js';
import * as icons from './views/icons.js';

const STEP = 1.5;
/** Pixels of the page by which an arrow moves. */
const STRIDE = 120;
const KEPT = 300;
const RETRIES = 5;
const RETRY_MS = 1000;

/** @param {{name: string, description: string, iiif: string}} image */
export const zoomButton = (image) => html`
  <button type="button" class="button" @click=${() => open(image)}>${icons.zoom} Zoom</button>`;

/** It is no part of the page's state: it changes nothing, and has no address. */
async function open(image) {
  const dialog = document.createElement('dialog');
  dialog.className = 'zoom';
  dialog.setAttribute('aria-labelledby', 'zoom-title');
  render(frame(image, (act) => () => viewer?.[act]()), dialog);
  document.body.append(dialog);
  let viewer;
  const closed = new AbortController();
  dialog.addEventListener('close', () => {
    closed.abort();
    dialog.remove();
  });
  dialog.showModal();
  const told = dialog.querySelector('output');
  try {
    const answer = await fetch(`${image.iiif}/info.json`, { signal: closed.signal });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.message);
    viewer = new Viewer(image.iiif, body, dialog.querySelector('canvas'), told, closed.signal);
  } catch (error) {
    if (!closed.signal.aborted) told.textContent = `The image cannot be shown: ${error.message}`;
  }
}

const control = (text, icon, click) => html`
  <button type="button" class="bare" aria-label=${text} title=${text} @click=${click}>${icon}</button>`;

const frame = ({ name, description }, act) => html`
  <header>
    <h2 id="zoom-title" dir="auto">${name}</h2>
    <output aria-label="Scale"></output>
    ${control('Zoom out', icons.minus, act('out'))}
    ${control('Zoom in', icons.plus, act('in'))}
    ${control('Whole image', icons.whole, act('whole'))}
    ${control('Close', icons.close, (event) => event.currentTarget.closest('dialog').close())}
  </header>
  <p class="unseen" id="zoom-keys">Plus and minus zoom, 0 shows the whole image, arrow keys move.</p>
  <div class="seen" tabindex="0" autofocus role="application" aria-label=${description || name}
    aria-describedby="zoom-keys"><canvas aria-hidden="true"></canvas></div>`;

class Viewer {
  #pictures = new Map();
  #pointers = new Map();
  #frame = 0;

  constructor(service, information, canvas, told, signal) {
    Object.assign(this, { service, information, canvas, told, signal });
    const area = canvas.parentElement;
    const on = (type, act) => area.addEventListener(type, act.bind(this), { signal });
    on('wheel', this.#wheel);
    on('keydown', this.#key);
    on('dblclick', (event) => this.#zoom(2, this.#place(event)));
    on('pointerdown', this.#down);
    on('pointermove', this.#move);
    for (const end of ['pointerup', 'pointercancel']) on(end, ({ pointerId }) => this.#pointers.delete(pointerId));
    const observer = new ResizeObserver(() => this.#resize(area));
    observer.observe(area);
    signal.addEventListener('abort', () => {
      observer.disconnect();
      this.#forget(0);
    });
  }

  in() { this.#zoom(STEP); }

  out() { this.#zoom(1 / STEP); }

  whole() { this.#show(whole(this.information, this.size)); }

  #zoom(factor, at = { x: 0, y: 0 }) {
    this.#show(zoomed(this.view, factor, at, this.information, this.size));
  }

  #pan(x, y) {
    this.#show(moved(this.view, { x, y }, this.information, this.size));
  }

  #resize({ clientWidth, clientHeight }) {
    this.size = { width: clientWidth, height: clientHeight };
    this.density = devicePixelRatio;
    this.canvas.width = Math.round(clientWidth * this.density);
    this.canvas.height = Math.round(clientHeight * this.density);
    this.#show(this.view ? within(this.view, this.information, this.size) : whole(this.information, this.size));
  }

  #show(view) {
    this.view = view;
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    const { view, size, density, canvas } = this;
    const scale = view.scale * density;
    const context = canvas.getContext('2d');
    context.imageSmoothingEnabled = scale < 2;
    context.clearRect(0, 0, canvas.width, canvas.height);
    const column = (x) => Math.round((x - view.x) * scale + canvas.width / 2);
    const row = (y) => Math.round((y - view.y) * scale + canvas.height / 2);
    const tiles = seen(this.information, view, size, density);
    for (const { path, x, y, width, height } of tiles) {
      const picture = this.#picture(path);
      if (!picture.naturalWidth) continue;
      const [left, top] = [column(x), row(y)];
      context.drawImage(picture, left, top, column(x + width) - left, row(y + height) - top);
    }
    this.#abandon(new Set(tiles.map(({ path }) => path)));
    this.told.textContent = `${Math.round(view.scale * density * 100)} %`;
  }

  /** The one used last is the last of the map. */
  #picture(path, tries = 0) {
    const picture = this.#pictures.get(path) ?? this.#load(path, tries);
    this.#pictures.delete(path);
    this.#pictures.set(path, picture);
    return picture;
  }

  #load(path, tries) {
    const picture = new Image();
    picture.addEventListener('load', () => this.#show(this.view));
    picture.addEventListener('error', () => {
      if (this.#pictures.get(path) !== picture || tries >= RETRIES) return;
      setTimeout(() => {
        if (this.#pictures.get(path) === picture) this.#pictures.set(path, this.#load(path, tries + 1));
      }, RETRY_MS);
    });
    picture.src = `${this.service}/${path}`;
    return picture;
  }

  /** What was asked for and has gone out of sight is not waited for; of what is there, the latest is kept. */
  #abandon(wanted) {
    for (const [path, picture] of this.#pictures) {
      if (!wanted.has(path) && !picture.complete) this.#drop(path, picture);
    }
    this.#forget(KEPT);
  }

  #forget(most) {
    for (const [path, picture] of this.#pictures) {
      if (this.#pictures.size <= most) return;
      this.#drop(path, picture);
    }
  }

  #drop(path, picture) {
    this.#pictures.delete(path);
    picture.src = '';
  }

  /** From the middle of the frame. */
  #place({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    return { x: clientX - left - width / 2, y: clientY - top - height / 2 };
  }

  #wheel(event) {
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 32 : 1);
    this.#zoom(2 ** (-pixels / (event.ctrlKey ? 100 : 300)), this.#place(event));
  }

  #key(event) {
    const act = {
      '+': () => this.in(),
      '=': () => this.in(),
      '-': () => this.out(),
      0: () => this.whole(),
      ArrowLeft: () => this.#pan(STRIDE, 0),
      ArrowRight: () => this.#pan(-STRIDE, 0),
      ArrowUp: () => this.#pan(0, STRIDE),
      ArrowDown: () => this.#pan(0, -STRIDE),
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  #down(event) {
    event.currentTarget.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#place(event));
  }

  /** One moves; of two, the middle moves and their distance zooms. */
  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = this.#place(event);
    this.#pointers.set(event.pointerId, now);
    const others = [...this.#pointers.keys()].filter((id) => id !== event.pointerId);
    const share = 1 / this.#pointers.size;
    this.#pan((now.x - before.x) * share, (now.y - before.y) * share);
    if (others.length !== 1) return;
    const other = this.#pointers.get(others[0]);
    const distance = (point) => Math.hypot(point.x - other.x, point.y - other.y) || 1;
    this.#zoom(distance(now) / distance(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
  }
}
