/** Line icons on a grid of 24, drawn in the colour of the text; never the only name of anything. */

import { svg, html } from '../vendor/lit-html/lit-html.js';

const icon = (shape) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shape}</svg>`;

export const brand = icon(svg`<circle class="lamp" cx="12" cy="12" r="9"/><circle class="core" cx="12" cy="12" r="4"/>`);
export const upload = icon(svg`<path d="M12 16V4m-5 5 5-5 5 5M4 20h16"/>`);
export const search = icon(svg`<circle cx="11" cy="11" r="6.5"/><path d="m20 20-4.3-4.3"/>`);
export const sliders = icon(svg`<path d="M4 7h9m5 0h2M4 17h2m5 0h9"/><circle cx="15.5" cy="7" r="2.5"/><circle cx="8.5" cy="17" r="2.5"/>`);
export const close = icon(svg`<path d="m6 6 12 12M18 6 6 18"/>`);
export const back = icon(svg`<path d="M19 12H5m6-6-6 6 6 6"/>`);
export const previous = icon(svg`<path d="m14 6-6 6 6 6"/>`);
export const next = icon(svg`<path d="m10 6 6 6-6 6"/>`);
export const edit = icon(svg`<path d="m4 20 1-4L16 5l3 3L8 19z"/>`);
export const trash = icon(svg`<path d="M4 7h16M9 7V4h6v3m3 0-1 13H7L6 7"/>`);
export const restore = icon(svg`<path d="M5 5v5h5M5.5 10A7.5 7.5 0 1 1 5 14"/>`);
export const download = icon(svg`<path d="M12 4v12m-5-5 5 5 5-5M4 20h16"/>`);
export const retry = icon(svg`<path d="M19 5v5h-5m4.5 0A7.5 7.5 0 1 0 19 14"/>`);
export const alert = icon(svg`<path d="M12 3 2.5 20h19zM12 10v4m0 3v.2"/>`);
export const done = icon(svg`<path d="m5 12.5 4.5 4.5L19 7.5"/>`);
export const picture = icon(svg`<rect x="3" y="5" width="18" height="14" rx="1.5"/><circle cx="8.5" cy="10" r="1.5"/><path d="m3.5 18 6-5 3.5 3 3-2.5 5 4"/>`);
export const undo = icon(svg`<path d="M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3"/>`);
export const redo = icon(svg`<path d="m15 14 5-5-5-5M20 9H10a6 6 0 0 0 0 12h3"/>`);
export const up = icon(svg`<path d="M12 19V5m-6 6 6-6 6 6"/>`);
export const down = icon(svg`<path d="M12 5v14m-6-6 6 6 6-6"/>`);
export const zoom = icon(svg`<circle cx="11" cy="11" r="6.5"/><path d="m20 20-4.3-4.3M8.5 11h5M11 8.5v5"/>`);
export const plus = icon(svg`<path d="M5 12h14M12 5v14"/>`);
export const minus = icon(svg`<path d="M5 12h14"/>`);
export const whole = icon(svg`<path d="M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5"/>`);
