/** The selected part of the picture, drawn with mouse, pen or finger. The fields of the form say it to all others. */

import { html } from '../vendor/lit-html/lit-html.js';
import { find, takesBox } from './catalogue.js';
import { boxBetween, inside, outline, simplified } from './part.js';
import { markedPart } from './state.js';

/** Of the pointer that draws: where it has been, in pixels of the picture. */
let path = null;

function place({ currentTarget, clientX, clientY }, { width, height }) {
  const area = currentTarget.getBoundingClientRect();
  return inside({
    x: (clientX - area.left) / area.width * width,
    y: (clientY - area.top) / area.height * height,
  }, { width, height });
}

function drawn(kind, size, actions) {
  if (kind === 'lasso') return actions.dispatch({ type: 'PartChanged', change: { points: path } });
  actions.dispatch({ type: 'BoxDrawn', box: boxBetween(path[0], path.at(-1), size) });
}

/** @param {import('./part.js').Size} size - of the picture that is drawn on */
export function selection(state, size, actions) {
  const { draft, operations } = state;
  const isCut = takesBox(find(operations, draft.operation));
  const kind = isCut ? 'box' : draft.part.kind;
  const shape = outline(markedPart(state));
  const begin = (event) => {
    if (kind === 'whole' || event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    path = [place(event, size)];
  };
  const go = (event) => {
    if (!path || !event.isPrimary) return;
    path = [...path, place(event, size)];
    drawn(kind, size, actions);
  };
  const end = () => {
    if (path && kind === 'lasso') actions.dispatch({ type: 'PartChanged', change: { points: simplified(path, size) } });
    path = null;
  };
  return html`
    <svg class="selection" data-kind=${kind} viewBox="0 0 ${size.width} ${size.height}" preserveAspectRatio="none"
      aria-hidden="true" @pointerdown=${begin} @pointermove=${go} @pointerup=${end} @pointercancel=${end}>
      <path class="veil" d=${isCut && shape ? `M0 0H${size.width}V${size.height}H0Z${shape}` : ''}></path>
      <path class="edge" d=${shape}></path>
      <path class="dashes" d=${shape}></path>
    </svg>`;
}
