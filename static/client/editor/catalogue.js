/**
 * What can be done to pixels, as the query `operations` tells it. Nothing here knows any one operation.
 *
 * @typedef {{name: string, inputField: string, type: 'INTEGER' | 'NUMBER' | 'BOOLEAN' | 'CHOICE' | 'COLOR' | 'TEXT',
 *   description: string, unit: ?string, required: boolean, default: unknown, neutral: unknown, minimum: ?number,
 *   maximum: ?number, choices: string[]}} Parameter
 * @typedef {{name: string, inputField: string, description: string, takesRegion: boolean,
 *   parameters: Parameter[]}} Operation
 * @typedef {Record<string, string | boolean>} Values - by parameter, as they stand in a form
 * @typedef {{operation: string, parameters: object, region: ?object, number?: number, enabled?: boolean}} Step
 */

import { number } from '../format.js';
import { partInWords } from './part.js';

/** Wider ranges are typed: a slider could not be set to what is meant. */
const WIDEST_SLIDER = 1000;

const BOX = ['x', 'y', 'width', 'height'];

/** @param {Operation[]} operations @returns {Operation} */
export const find = (operations, name) => operations.find((operation) => operation.name === name);

/** `gaussian_blur` and `TOP_LEFT` as a person would write them. */
export function title(name) {
  const words = name.replaceAll('_', ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const summary = ({ description }) => description.split('\n', 1)[0];

/** @param {Parameter} parameter */
export const isNumeric = ({ type }) => type === 'INTEGER' || type === 'NUMBER';

/** @param {Parameter} parameter */
export const hasSlider = (parameter) =>
  isNumeric(parameter) && parameter.maximum - parameter.minimum <= WIDEST_SLIDER;

/** Whether four of its parameters say a box, which can then be drawn. @param {Operation} operation */
export const takesBox = ({ parameters, takesRegion }) => !takesRegion
  && BOX.every((side) => parameters.some(({ name, unit }) => name === side && unit === 'px'));

const asValue = (value) => (typeof value === 'boolean' ? value : String(value ?? ''));

/** What a form begins with; empty where the operation says nothing. @param {Operation} operation @returns {Values} */
export const initialValues = ({ parameters }) =>
  Object.fromEntries(parameters.map((each) => [each.name, asValue(each.default ?? each.neutral)]));

/** Of a step that is there. @param {Operation} operation @param {Step} step @returns {Values} */
export const valuesOf = ({ parameters }, step) =>
  Object.fromEntries(parameters.map(({ name }) => [name, asValue(step.parameters[name])]));

/** Whether nothing that must be said is missing. @param {Operation} operation @param {Values} values */
export const isComplete = ({ parameters }, values) =>
  parameters.every(({ name, required }) => !required || values[name] !== '');

/** What a form says; what is empty is absent. @param {Operation} operation @param {Values} values */
export function parametersOf({ parameters }, values) {
  const given = parameters.filter(({ name }) => values[name] !== '');
  return Object.fromEntries(given.map((each) => [each.name, isNumeric(each) ? Number(values[each.name]) : values[each.name]]));
}

/** A step as StepInput takes it. @param {Operation[]} operations @param {Step} step */
export function stepInput(operations, { operation: name, parameters, region }) {
  const operation = find(operations, name);
  const given = operation.parameters.filter((parameter) => Object.hasOwn(parameters, parameter.name));
  const fields = Object.fromEntries(given.map((parameter) => [parameter.inputField, parameters[parameter.name]]));
  return { [operation.inputField]: region ? { ...fields, region } : fields };
}

/** Those that are done, as StepInput takes them. @param {Operation[]} operations @param {Step[]} steps */
export const stepInputs = (operations, steps) =>
  steps.filter(({ enabled }) => enabled ?? true).map((step) => stepInput(operations, step));

function valueInWords({ name, type, unit }, value) {
  if (type === 'BOOLEAN') return value ? 'yes' : 'no';
  if (type === 'CHOICE') return title(value).toLowerCase();
  if (type === 'TEXT') return `“${value}”`;
  if (type === 'COLOR') return value;
  return unit && unit !== name ? `${number(value)} ${unit}` : number(value);
}

/** What is not as usual in a step, such as `sigma 3 px, in a box of 20 × 30 px at 5, 5`. @param {Step} step */
export function stepInWords(operations, { operation: name, parameters, region }) {
  const described = find(operations, name)?.parameters ?? [];
  const unusual = described.filter(({ name: key, default: usual }) => (parameters[key] ?? null) !== usual);
  const words = unusual.map((each) => `${title(each.name).toLowerCase()} ${valueInWords(each, parameters[each.name])}`);
  return [...words, ...(region ? [partInWords(region)] : [])].join(', ');
}

/** A whole recipe in one line. @param {Step[]} steps */
export function recipeInWords(operations, steps) {
  const words = steps.map((step) => {
    const detail = stepInWords(operations, step);
    return detail ? `${title(step.operation)} (${detail})` : title(step.operation);
  });
  return words.join(', then ');
}
