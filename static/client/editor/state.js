/**
 * What the editor knows, how each of its messages changes it, and what it wants of the server. Pure.
 *
 * @typedef {import('./part.js').Part} Part
 * @typedef {{number: ?number, operation: string, values: import('./catalogue.js').Values, part: Part,
 *   without: boolean}} Draft - a step that is being made, or changed where it has a number; `without` it is looked at
 */

import { isDeleted } from '../image.js';
import { find, initialValues, isComplete, parametersOf, stepInput, stepInputs, takesBox, valuesOf } from './catalogue.js';
import { SIDES, WHOLE, boxTexts, initialPart, isDrawn, partOf, regionInput } from './part.js';
import { NO_REPLAYS } from './replay.js';

const NO_TRIAL = { url: null, failure: null, pending: false };

export const initialEditor = () => ({
  /** @type {?import('./catalogue.js').Operation[]} */
  operations: null,
  /** `name` is that of the one which is about to be saved. */
  presets: { list: [], wanted: true, name: '' },
  replays: NO_REPLAYS,
  /** @type {?Draft} */
  draft: null,
  /** The picture that the stage shows, and the size of what the draft's step begins with. */
  trial: NO_TRIAL,
  histogram: { open: false, levels: null, failure: null },
  busy: false,
  /** Of the draft. */
  errors: [],
});

/** What belongs to one image does not come along to another. */
export const leftImage = (editor) => ({
  ...initialEditor(),
  operations: editor.operations,
  presets: editor.presets,
  replays: { ...editor.replays, dryRun: null },
  histogram: { ...initialEditor().histogram, open: editor.histogram.open },
});

export const presetsChanged = (editor) => ({ ...editor, presets: { ...editor.presets, wanted: true } });

export const EDITOR_CHANGES = {
  OperationsArrived: (editor, { operations }) => ({ ...editor, operations }),
  PresetsArrived: (editor, { list }) => ({ ...editor, presets: { ...editor.presets, list, wanted: false } }),
  DryRunArrived: (editor, { dryRun }) => ({ ...editor, replays: { ...editor.replays, dryRun } }),
  PresetNamed: (editor, { name }) => ({ ...editor, presets: { ...editor.presets, name } }),

  DraftOpened: (editor, { operation, step }) => begun(editor, opened(editor, operation, step)),
  DraftClosed: (editor) => begun(editor, null),
  ValueChanged: (editor, { name, value }) =>
    withDraft(editor, { values: { ...editor.draft.values, [name]: value } }),
  PartChosen: (editor, { kind }) => withDraft(editor, { part: initialPart(kind, editor.trial.input) }),
  PartChanged: (editor, { change }) => withDraft(editor, { part: { ...editor.draft.part, ...change } }),
  BoxDrawn: boxDrawn,
  WithoutToggled: (editor) => ({ ...editor, draft: { ...editor.draft, without: !editor.draft.without } }),

  EditRequested: (editor) => ({ ...editor, busy: true, errors: [] }),
  EditRefused: (editor, { errors }) => ({ ...editor, busy: false, errors }),
  EditDone: (editor) => ({ ...editor, busy: false }),

  TrialRequested: (editor) => ({ ...editor, trial: { ...editor.trial, pending: true } }),
  TrialArrived: (editor, { trial }) => ({ ...editor, trial: { ...trial, failure: null, pending: false } }),
  TrialFailed: (editor, { failure }) => ({ ...editor, trial: { ...editor.trial, failure, pending: false } }),
  TrialUnwanted: (editor) => ({ ...editor, trial: NO_TRIAL }),

  HistogramToggled: (editor, { open }) => ({ ...editor, histogram: { ...editor.histogram, open } }),
  HistogramArrived: (editor, { levels }) => ({ ...editor, histogram: { ...editor.histogram, levels, failure: null } }),
  HistogramFailed: (editor, { failure }) => ({ ...editor, histogram: { ...editor.histogram, failure } }),
};

/** What was refused of another draft is not refused of this one. */
const begun = (editor, draft) => ({ ...editor, draft, errors: [], trial: { ...editor.trial, failure: null } });

/** A part that is selected stays so when another operation is chosen that takes one. */
function opened({ operations, draft }, name, step) {
  const operation = find(operations, name);
  const part = draft && operation.takesRegion ? draft.part : WHOLE;
  return step
    ? { number: step.number, operation: name, values: valuesOf(operation, step), part: partOf(step.region), without: false }
    : { number: null, operation: name, values: initialValues(operation), part, without: false };
}

const withDraft = (editor, change) => ({ ...editor, draft: { ...editor.draft, ...change, without: false } });

/** Where the step takes no part of a picture, the box is in its parameters. */
function boxDrawn(editor, { box }) {
  const { draft, operations } = editor;
  if (!takesBox(find(operations, draft.operation))) {
    return withDraft(editor, { part: { ...draft.part, ...boxTexts(box) } });
  }
  return withDraft(editor, { values: { ...draft.values, ...boxTexts(box) } });
}

/** The part that is outlined on the picture. @returns {Part} */
export function markedPart({ draft, operations }) {
  if (!takesBox(find(operations, draft.operation))) return draft.part;
  return { kind: 'box', ...Object.fromEntries(SIDES.map((side) => [side, draft.values[side]])) };
}

/** The draft as a step, as the recipe would hold it; null while something is missing. */
export function draftStep({ draft, operations }) {
  const operation = find(operations, draft.operation);
  if (!isComplete(operation, draft.values) || !isDrawn(draft.part)) return null;
  return {
    operation: draft.operation,
    parameters: parametersOf(operation, draft.values),
    region: operation.takesRegion ? regionInput(draft.part) : null,
  };
}

/** The steps before the draft's: all, but where one of them is being changed. */
function stepsBefore({ recipe: { steps } }, draft) {
  const at = draft ? steps.findIndex(({ number }) => number === draft.number) : -1;
  return at < 0 ? steps : steps.slice(0, at);
}

/** What a drawn box cuts off is looked at while it is drawn. */
function isSeen({ draft, operations }) {
  return draft && !draft.without && !takesBox(find(operations, draft.operation));
}

/** The image shown, if it can be edited; else false. A step may be of a server that is newer than this page. */
export function editable({ route, images, editor: { operations } }) {
  const image = route.view === 'image' && images[route.id];
  const isKnown = ({ operation }) => find(operations, operation);
  return Boolean(image && operations && !isDeleted(image) && image.recipe.steps.every(isKnown)) && image;
}

/**
 * What the stage should show; null where the image as it was uploaded will do. Without a draft it is the image's
 * `own` recipe, however long.
 */
export function trialWanted(state) {
  const { editor } = state;
  const image = editable(state);
  if (!image) return null;
  const before = stepsBefore(image, editor.draft);
  const steps = stepInputs(editor.operations, before);
  if (!editor.draft && steps.length === 0) return null;
  const step = isSeen(editor) && draftStep(editor);
  return {
    id: image.id,
    own: !editor.draft,
    steps: step ? [...steps, stepInput(editor.operations, step)] : steps,
    afterSteps: before.length,
  };
}

/** What is counted: what the stage shows, or the part of it that is selected. */
export function histogramWanted(state) {
  const { editor } = state;
  const image = editable(state);
  if (!image || !editor.histogram.open) return null;
  const { steps } = trialWanted(state) ?? { steps: [] };
  return { id: image.id, steps, region: isSelected(editor) ? regionInput(editor.draft.part) : null };
}

/** The preset that a name to be saved belongs to already. */
export const namesake = ({ presets: { list, name } }) => list.find((preset) => preset.name === name);

/** Whether a part of the picture is selected. */
export const isSelected = ({ draft }) => Boolean(draft) && draft.part.kind !== 'whole' && isDrawn(draft.part);
