/** The search field, the order and the filters; what they say stands in the address. */

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { kind } from '../format.js';
import { SORTS, filterFrom, gallery, isFiltered } from '../route.js';
import * as icons from './icons.js';

const TYPING_PAUSE = 300;
const TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif', 'image/tiff', 'image/bmp', 'image/heic'];
const BOUNDS = [
  { field: 'minWidth', name: 'min-width', label: 'Width from', chip: 'Width ≥' },
  { field: 'maxWidth', name: 'max-width', label: 'Width to', chip: 'Width ≤' },
  { field: 'minHeight', name: 'min-height', label: 'Height from', chip: 'Height ≥' },
  { field: 'maxHeight', name: 'max-height', label: 'Height to', chip: 'Height ≤' },
];

let typing;

function apply(form, { route }, actions, options) {
  clearTimeout(typing);
  if (!form.isConnected) return;
  const fields = new FormData(form);
  const filter = { ...filterFrom(fields), deleted: route.filter.deleted };
  actions.go(gallery(filter, { sort: fields.get('sort') }), { stay: true, ...options });
}

const bound = ({ field, name, label }, filter) => html`
  <label class="field">
    <span>${label} <small>px</small></span>
    <input type="number" name=${name} min="1" max="1000000" step="1" inputmode="numeric"
      .value=${String(filter[field] ?? '')}>
  </label>`;

function crossed({ minWidth, maxWidth, minHeight, maxHeight }) {
  if (minWidth > maxWidth) return 'No image is both wider and narrower than that: “from” is larger than “to”.';
  if (minHeight > maxHeight) return 'No image is both higher and lower than that: “from” is larger than “to”.';
  return null;
}

const panel = (filter) => html`
  <div class="filters">
    ${BOUNDS.map((one) => bound(one, filter))}
    <label class="field">
      <span>Type</span>
      <select name="type" .value=${filter.type ?? ''}>
        <option value="" ?selected=${!filter.type}>Any</option>
        ${TYPES.map((type) => html`<option value=${type} ?selected=${type === filter.type}>${kind(type)}</option>`)}
      </select>
    </label>
    <label class="field wide">
      <span>Tags <small>all of them, separated by commas</small></span>
      <input type="text" name="tags" autocomplete="off" .value=${filter.tags?.join(', ') ?? ''}>
    </label>
    ${crossed(filter) ? html`<p class="problem" role="alert">${crossed(filter)}</p>` : nothing}
  </div>`;

function chips(filter) {
  const without = (field) => {
    const { [field]: removed, ...others } = filter;
    return others;
  };
  return [
    ...BOUNDS.filter(({ field }) => filter[field])
      .map(({ field, chip }) => ({ text: `${chip} ${filter[field]} px`, rest: without(field) })),
    ...(filter.type ? [{ text: kind(filter.type), rest: without('type') }] : []),
    ...(filter.tags ?? []).map((tag) =>
      ({ text: `#${tag}`, rest: { ...filter, tags: filter.tags.filter((other) => other !== tag) } })),
    ...(filter.text ? [{ text: `“${filter.text}”`, rest: without('text') }] : []),
  ];
}

const chipList = ({ filter, sort }, actions) => html`
  <ul class="chips" aria-label="Filters in use">
    ${chips(filter).map(({ text, rest }) => html`
      <li><button type="button" class="chip" aria-label="Remove filter ${text}"
        @click=${() => actions.go(gallery(rest, { sort }))}>${text} ${icons.close}</button></li>`)}
    <li>${clearFilters({ filter, sort }, actions)}</li>
  </ul>`;

export const clearFilters = ({ filter: { deleted }, sort }, actions) => html`
  <button type="button" class="link" @click=${() => actions.go(gallery({ deleted }, { sort }))}>
    Clear filters</button>`;

export function toolbar(state, actions) {
  const { route } = state;
  return html`
    <form class="toolbar" role="search" aria-label="Images"
      @submit=${(event) => {
        event.preventDefault();
        apply(event.currentTarget, state, actions);
      }}
      @change=${({ currentTarget }) => apply(currentTarget, state, actions)}
      @input=${({ target, currentTarget }) => {
        if (target.id !== 'search') return;
        clearTimeout(typing);
        typing = setTimeout(() => apply(currentTarget, state, actions, { replace: true }), TYPING_PAUSE);
      }}>
      <div class="search">
        ${icons.search}
        <input id="search" type="search" name="q" aria-label="Search" placeholder="Search name, description, tags"
          autocomplete="off" .value=${route.filter.text ?? ''}>
      </div>
      <select name="sort" aria-label="Order" .value=${route.sort}>
        ${Object.entries(SORTS).map(([value, { label }]) => html`
          <option value=${value} ?selected=${value === route.sort}>${label}</option>`)}
      </select>
      <details class="disclosure">
        <summary class="button">${icons.sliders} Filters</summary>
        ${panel(route.filter)}
      </details>
    </form>
    ${isFiltered(route.filter) ? chipList(route, actions) : nothing}`;
}
