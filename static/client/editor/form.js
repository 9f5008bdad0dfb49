/** The form of a step: a field for each parameter, made of what the catalogue says of it. */

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { count } from '../format.js';
import { find, hasSlider, isNumeric, summary, takesBox, title } from './catalogue.js';
import { SIDES } from './part.js';

const LONGEST_TEXT = 200;
const WIDEST_FEATHER = 1000;

export function picker({ operations, draft }, editor) {
  const option = ({ name }) => html`<option value=${name} .selected=${draft?.operation === name}>${title(name)}</option>`;
  return html`
    <label class="field">
      <span>Add a step</span>
      <select id="operation" @change=${({ target }) => (target.value ? editor.open(target.value) : editor.close())}>
        <option value="" .selected=${!draft}>Choose an operation…</option>
        ${operations.map(option)}
      </select>
    </label>`;
}

/** Half a number cannot be read; it is left alone until it is whole. */
const typed = (tell) => ({ target }) => target.validity.badInput || tell(target.value);

const range = (value, minimum, maximum) => Math.min(Math.max(Number(value || minimum), minimum), maximum);

function numberField(parameter, value, tell, about) {
  const { name, type, unit, minimum, maximum, required } = parameter;
  const step = type === 'INTEGER' ? '1' : 'any';
  const stride = type === 'INTEGER' ? '1' : String(10 ** Math.floor(Math.log10((maximum - minimum) / 100)));
  return html`
    <label for=${about.id}>${title(name)}${unit ? html` <small>${unit}</small>` : nothing}</label>
    <span class="number">
      ${hasSlider(parameter) ? html`
        <input type="range" min=${minimum} max=${maximum} step=${stride} aria-label="${title(name)}, slider"
          .value=${String(range(value, minimum, maximum))} @input=${({ target }) => tell(target.value)}>` : nothing}
      <input type="number" id=${about.id} min=${minimum} max=${maximum} step=${step} inputmode="decimal"
        ?required=${required} placeholder=${required ? nothing : 'as usual'} .value=${value}
        aria-describedby=${about.describedBy} aria-invalid=${about.invalid} @input=${typed(tell)}>
    </span>`;
}

const choiceField = ({ name, choices }, value, tell, about) => html`
  <label for=${about.id}>${title(name)}</label>
  <select id=${about.id} aria-describedby=${about.describedBy} aria-invalid=${about.invalid}
    @change=${({ target }) => tell(target.value)}>
    ${choices.map((choice) => html`<option value=${choice} .selected=${choice === value}>${title(choice)}</option>`)}
  </select>`;

const booleanField = ({ name }, value, tell, about) => html`
  <label class="check">
    <input type="checkbox" id=${about.id} .checked=${value} aria-describedby=${about.describedBy}
      @change=${({ target }) => tell(target.checked)}>
    ${title(name)}
  </label>`;

/** Browsers pick colours without transparency: that is typed, behind the colour. */
const colorField = ({ name, required }, value, tell, about) => html`
  <label for=${about.id}>${title(name)} <small>#rrggbb or #rrggbbaa</small></label>
  <span class="color">
    <input type="color" aria-label="${title(name)}, picked" .value=${value.slice(0, 7)}
      @input=${({ target }) => tell(target.value)}>
    <input type="text" id=${about.id} ?required=${required} pattern="#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?" spellcheck="false"
      autocomplete="off" .value=${value} aria-describedby=${about.describedBy} aria-invalid=${about.invalid}
      @input=${({ target }) => tell(target.value)}>
  </span>`;

const textField = ({ name, required }, value, tell, about) => html`
  <label for=${about.id}>${title(name)}</label>
  <input type="text" id=${about.id} ?required=${required} maxlength=${LONGEST_TEXT} dir="auto" autocomplete="off"
    .value=${value} aria-describedby=${about.describedBy} aria-invalid=${about.invalid}
    @input=${({ target }) => tell(target.value)}>`;

const FIELDS = { BOOLEAN: booleanField, CHOICE: choiceField, COLOR: colorField, TEXT: textField };

function field(parameter, { values }, errors, actions) {
  const { name, inputField } = parameter;
  const about = {
    id: `parameter-${name}`,
    describedBy: `about-${name}`,
    invalid: errors.some((error) => error.field?.at(-1) === inputField) ? 'true' : nothing,
  };
  const tell = (value) => actions.dispatch({ type: 'ValueChanged', name, value });
  const input = isNumeric(parameter) ? numberField : FIELDS[parameter.type];
  return html`
    <div class="field" data-parameter=${name}>
      ${input(parameter, values[name], tell, about)}
      <small id=${about.describedBy}>${parameter.description}</small>
    </div>`;
}

const KINDS = { whole: 'All of it', box: 'A box', lasso: 'A lasso' };

const kindChoice = (kind, label, part, actions) => html`
  <label class="check">
    <input type="radio" name="part" value=${kind} .checked=${part.kind === kind}
      @change=${() => actions.dispatch({ type: 'PartChosen', kind })}>
    ${label}
  </label>`;

function partNumber(label, key, part, actions, most) {
  const tell = (value) => actions.dispatch({ type: 'PartChanged', change: { [key]: value } });
  return html`
    <label class="field">
      <span>${label} <small>px</small></span>
      <input type="number" name="part-${key}" required min="0" max=${most} step="any" inputmode="decimal"
        .value=${part[key]} @input=${typed(tell)}>
    </label>`;
}

function partFields({ draft: { part }, trial: { input } }, actions) {
  if (!input) return nothing;
  const longest = Math.max(input.width, input.height);
  return html`
    <fieldset>
      <legend>Part of the picture</legend>
      <div class="kinds">${Object.entries(KINDS).map(([kind, label]) => kindChoice(kind, label, part, actions))}</div>
      ${part.kind === 'box' ? html`
        <p class="detail">Drag on the picture, or type.</p>
        <div class="sides">${SIDES.map((side) => partNumber(title(side), side, part, actions, longest))}</div>` : nothing}
      ${part.kind === 'lasso' ? html`
        <p class="detail">${part.points.length > 2 ? count(part.points.length, 'point') : 'Draw around a part of the picture.'}</p>` : nothing}
      ${part.kind === 'whole' ? nothing : partNumber('Soft edge', 'feather', part, actions, WIDEST_FEATHER)}
    </fieldset>`;
}

const problems = (errors) => errors.length === 0 ? nothing : html`
  <div class="problem" role="alert">${errors.map(({ message }) => html`<p>${message}</p>`)}</div>`;

export function form(state, actions) {
  const { operations, draft, errors, trial, busy } = state;
  const { editor } = actions;
  const operation = find(operations, draft.operation);
  const submit = (event) => {
    event.preventDefault();
    editor.submit();
  };
  return html`
    <form class="draft" aria-labelledby="draft-title" @submit=${submit}>
      <h3 id="draft-title" tabindex="-1">${title(operation.name)}</h3>
      <p class="detail">${summary(operation)}</p>
      ${takesBox(operation) ? html`<p class="detail">Drag a box on the picture, or type.</p>` : nothing}
      ${repeat(operation.parameters, ({ name }) => `${operation.name}.${name}`,
        (parameter) => field(parameter, draft, errors, actions))}
      ${operation.takesRegion ? partFields(state, actions) : nothing}
      ${problems(errors)}
      <div role="status">
        ${trial.failure && errors.length === 0 ? html`<p class="problem">${trial.failure.message}</p>` : nothing}
      </div>
      <footer>
        ${takesBox(operation) ? nothing : html`
          <button type="button" class="button" aria-pressed=${String(draft.without)}
            @click=${() => actions.dispatch({ type: 'WithoutToggled' })}>Without it</button>`}
        <button type="button" class="button" @click=${editor.close}>Cancel</button>
        <button type="submit" class="button primary" aria-disabled=${String(busy)}>
          ${draft.number === null ? 'Add step' : 'Change step'}</button>
      </footer>
    </form>`;
}
