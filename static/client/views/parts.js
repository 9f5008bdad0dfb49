/** Small things that several views show. */

import { html } from '../vendor/lit-html/lit-html.js';
import * as icons from './icons.js';

/** A failure of the whole view, with a way on. */
export const notice = (title, text, action) => html`
  <section class="notice" role="group" aria-label=${title}>
    <h2>${title}</h2>
    <p>${text}</p>
    ${action}
  </section>`;

export const retryButton = (onClick) => html`
  <button type="button" class="button" @click=${onClick}>${icons.retry} Try again</button>`;

export const name = (text) => html`<bdi>${text}</bdi>`;
