/** The editor without a browser: forms and steps from a catalogue, parts of pictures, what is wanted and when. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  hasSlider, initialValues, isComplete, parametersOf, recipeInWords, stepInWords, stepInput, takesBox, title, valuesOf,
} from '../../static/client/editor/catalogue.js';
import { latest } from '../../static/client/editor/latest.js';
import { area, inWords } from '../../static/client/editor/levels.js';
import { boxBetween, initialPart, isDrawn, outline, partInWords, partOf, regionInput, simplified } from '../../static/client/editor/part.js';
import { NO_REPLAYS, begun, dryRunInWords, followed, mayRollBack } from '../../static/client/editor/replay.js';
import { draftStep, editable, histogramWanted, trialWanted } from '../../static/client/editor/state.js';
import { evolve, initial } from '../../static/client/state.js';

const parameter = (name, type, more = {}) => ({ name, type, inputField: name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()),
  description: 'What it is.', unit: null, required: false, default: null, neutral: null, minimum: null, maximum: null,
  choices: [], ...more });
const px = (name, more = {}) => parameter(name, 'INTEGER', { unit: 'px', minimum: 0, maximum: 32768, ...more });
const operation = (name, takesRegion, ...parameters) =>
  ({ name, inputField: name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()), description: 'Do it.\n\nWell.', takesRegion, parameters });

const SOFTEN = operation('soften_it', true, parameter('how_far', 'NUMBER', { unit: 'px', minimum: 0, maximum: 200, default: 2 }),
  parameter('edge', 'CHOICE', { choices: ['TOP_LEFT', 'BOTTOM'], default: 'BOTTOM' }),
  parameter('whole', 'BOOLEAN', { default: true }));
const LIGHTEN = operation('lighten', true, parameter('factor', 'NUMBER', { required: true, neutral: 1, minimum: 0, maximum: 2 }));
const CUT = operation('cut', false, px('width', { required: true }), px('height', { required: true }),
  px('x', { default: 0 }), px('y', { default: 0 }));
const WRITE = operation('write', true, parameter('text', 'TEXT', { required: true }), parameter('color', 'COLOR', { default: '#ffffff' }));
const OPERATIONS = [SOFTEN, LIGHTEN, CUT, WRITE];

const after = (state, ...messages) => messages.reduce(evolve, state);
const said = (type, more) => ({ type, ...more });

function edited(steps = [], more = {}) {
  const image = { id: 'a', name: 'a.png', tags: [], state: 'ACTIVE', version: 1, renditions: [], recipe: { steps }, ...more };
  return after(initial({ view: 'image', id: 'a' }), said('PictureRequested'),
    said('PictureArrived', { id: 'a', image, asOf: 'c1' }), said('OperationsArrived', { operations: OPERATIONS }),
    said('TrialArrived', { trial: { url: '/p', width: 40, height: 30, input: { width: 40, height: 30 } } }));
}
const step = (number, name, parameters = {}, more = {}) =>
  ({ number, operation: name, parameters, region: null, enabled: true, ...more });

test('names are written as people write them', () => {
  assert.equal(title('gaussian_blur'), 'Gaussian blur');
  assert.equal(title('TOP_LEFT'), 'Top left');
});

test('a form begins with defaults, else with what changes nothing, else empty', () => {
  assert.deepEqual(initialValues(SOFTEN), { how_far: '2', edge: 'BOTTOM', whole: true });
  assert.deepEqual(initialValues(LIGHTEN), { factor: '1' });
  assert.deepEqual(initialValues(CUT), { width: '', height: '', x: '0', y: '0' });
  assert.equal(isComplete(CUT, initialValues(CUT)), false);
  assert.equal(isComplete(LIGHTEN, initialValues(LIGHTEN)), true);
});

test('what a form says is written with the names that the API takes', () => {
  const parameters = parametersOf(SOFTEN, { how_far: '2.5', edge: 'TOP_LEFT', whole: false });
  assert.deepEqual(stepInput(OPERATIONS, { operation: 'soften_it', parameters, region: null }),
    { softenIt: { howFar: 2.5, edge: 'TOP_LEFT', whole: false } });
  assert.deepEqual(parametersOf(CUT, { width: '7', height: '', x: '0', y: '' }), { width: 7, x: 0 });
});

test('a step that is there comes back into a form as it was', () => {
  const values = valuesOf(SOFTEN, step(1, 'soften_it', { how_far: 3, edge: 'BOTTOM', whole: true }));
  assert.deepEqual(values, { how_far: '3', edge: 'BOTTOM', whole: true });
});

test('only what is not as usual is put into words', () => {
  const usual = step(1, 'soften_it', { how_far: 2, edge: 'BOTTOM', whole: true });
  const other = step(2, 'soften_it', { how_far: 3, edge: 'TOP_LEFT', whole: false });
  assert.equal(stepInWords(OPERATIONS, usual), '');
  assert.equal(stepInWords(OPERATIONS, other), 'how far 3 px, edge top left, whole no');
  assert.equal(recipeInWords(OPERATIONS, [usual, other]), 'Soften it, then Soften it (how far 3 px, edge top left, whole no)');
});

test('only a range that can be set by hand gets a slider', () => {
  assert.equal(hasSlider(LIGHTEN.parameters[0]), true);
  assert.equal(hasSlider(CUT.parameters[0]), false);
  assert.equal(hasSlider(WRITE.parameters[0]), false);
});

test('an operation whose parameters are a box is drawn, whatever it is called', () => {
  assert.deepEqual(OPERATIONS.map(takesBox), [false, false, true, false]);
});

test('a box is made of whole pixels within the picture, from any corner', () => {
  const size = { width: 40, height: 30 };
  assert.deepEqual(boxBetween({ x: 30.2, y: 99 }, { x: 10.7, y: -5 }, size), { x: 10, y: 0, width: 21, height: 30 });
  assert.deepEqual(boxBetween({ x: 40, y: 30 }, { x: 40, y: 30 }, size), { x: 39, y: 29, width: 1, height: 1 });
});

test('a part that was chosen is what RegionInput takes, and back', () => {
  const box = { ...initialPart('box', { width: 40, height: 30 }), feather: '1.5' };
  assert.deepEqual(regionInput(box), { rectangle: { x: 10, y: 7, width: 20, height: 16, feather: 1.5 } });
  assert.deepEqual(partOf(regionInput(box)), box);
  const lasso = { kind: 'lasso', points: [{ x: 1.04, y: 2 }, { x: 9, y: 2 }, { x: 9, y: 9 }], feather: '0' };
  assert.deepEqual(regionInput(lasso).polygon.points[0], { x: 1, y: 2 });
  assert.equal(partOf(regionInput(lasso)).points.length, 3);
  assert.equal(regionInput({ kind: 'whole' }), null);
  assert.deepEqual(partOf(null), { kind: 'whole' });
});

test('a part is outlined and told, once it is drawn', () => {
  assert.equal(outline({ kind: 'box', x: '1', y: '2', width: '3', height: '4' }), 'M1 2h3v4h-3Z');
  assert.equal(outline({ kind: 'box', x: '', y: '2', width: '3', height: '4' }), '');
  assert.equal(isDrawn({ kind: 'lasso', points: [{ x: 1, y: 1 }] }), false);
  assert.equal(partInWords({ rectangle: { x: 1, y: 2, width: 3, height: 4, feather: 5 } }),
    'in a box of 3 × 4 px at 1, 2, faded over 5 px');
});

test('a lasso that a hand drew keeps its shape with few points', () => {
  const size = { width: 1600, height: 1600 };
  const round = Array.from({ length: 2000 }, (_, index) => {
    const angle = index / 1999 * 2 * Math.PI;
    return { x: 800 + 700 * Math.cos(angle), y: 800 + 700 * Math.sin(angle) };
  });
  const few = simplified(round, size);
  assert.ok(few.length > 30 && few.length < 120, `${few.length} points`);
  assert.deepEqual(few[0], round[0]);
  const square = [[0, 0], [50, 0.2], [100, 0], [100, 60], [100, 100], [0, 100]].map(([x, y]) => ({ x, y }));
  assert.deepEqual(simplified(square, size).map(({ x, y }) => [x, y]), [[0, 0], [100, 0], [100, 100], [0, 100]]);
});

test('a lasso of however many points is one that the server takes', () => {
  const points = Array.from({ length: 5000 }, (_, index) => ({ x: index, y: index % 7 }));
  const { polygon } = regionInput({ kind: 'lasso', points, feather: '0' });
  assert.ok(polygon.points.length <= 150 && polygon.points.length > 75);
  assert.deepEqual(polygon.points[0], { x: 0, y: 0 });
});

test('an image without steps is shown as it is', () => {
  assert.equal(trialWanted(edited()), null);
  assert.equal(trialWanted(edited([step(1, 'lighten', { factor: 2 })], { state: 'DELETED' })), null);
});

test('an image with a step that this page does not know is shown, and not edited', () => {
  const state = edited([step(1, 'of_tomorrow')]);
  assert.deepEqual([trialWanted(state), editable(state)], [null, false]);
  assert.equal(recipeInWords(OPERATIONS, [step(1, 'of_tomorrow', { more: 1 })]), 'Of tomorrow');
});

test('steps that are switched off are not shown', () => {
  const state = edited([step(1, 'lighten', { factor: 2 }), step(2, 'soften_it', {}, { enabled: false })]);
  assert.deepEqual(trialWanted(state), { id: 'a', own: true, steps: [{ lighten: { factor: 2 } }], afterSteps: 2 });
});

test('a draft is tried out behind the steps, but not while something is missing or it is looked at without', () => {
  const state = after(edited([step(1, 'lighten', { factor: 2 })]), said('DraftOpened', { operation: 'write' }));
  assert.equal(trialWanted(state).steps.length, 1);
  const written = after(state, said('ValueChanged', { name: 'text', value: 'Hello' }));
  assert.deepEqual(trialWanted(written).steps[1], { write: { text: 'Hello', color: '#ffffff' } });
  assert.equal(trialWanted(after(written, said('WithoutToggled'))).steps.length, 1);
});

test('a step that is changed is tried out in its place, without those behind it', () => {
  const steps = [step(1, 'lighten', { factor: 2 }), step(2, 'soften_it', { how_far: 9 }), step(3, 'lighten', { factor: 0.5 })];
  const state = after(edited(steps), said('DraftOpened', { operation: 'soften_it', step: steps[1] }));
  const { steps: tried, afterSteps } = trialWanted(state);
  assert.deepEqual([Object.keys(tried[0]), tried[1].softenIt.howFar, tried.length, afterSteps], [['lighten'], 9, 2, 1]);
});

test('a drawn box is the part of a step, or its parameters, which are looked at before they cut', () => {
  const box = { x: 1, y: 2, width: 3, height: 4 };
  const region = after(edited(), said('DraftOpened', { operation: 'lighten' }), said('PartChosen', { kind: 'box' }),
    said('BoxDrawn', { box }));
  assert.deepEqual(draftStep(region.editor).region.rectangle, { ...box, feather: 0 });
  const cut = after(edited(), said('DraftOpened', { operation: 'cut' }), said('BoxDrawn', { box }));
  assert.deepEqual(draftStep(cut.editor), { operation: 'cut', parameters: { width: 3, height: 4, x: 1, y: 2 }, region: null });
  assert.deepEqual(trialWanted(cut).steps, []);
});

test('a selected part stays selected when another operation is chosen', () => {
  const state = after(edited(), said('DraftOpened', { operation: 'lighten' }), said('PartChosen', { kind: 'box' }),
    said('DraftOpened', { operation: 'soften_it' }));
  assert.equal(state.editor.draft.part.kind, 'box');
  assert.equal(after(state, said('DraftOpened', { operation: 'cut' })).editor.draft.part.kind, 'whole');
});

test('what is counted is what is shown, or the part that is selected, and nothing behind a closed door', () => {
  const state = after(edited(), said('DraftOpened', { operation: 'lighten' }), said('PartChosen', { kind: 'box' }));
  assert.equal(histogramWanted(state), null);
  const { region, steps } = histogramWanted(after(state, said('HistogramToggled', { open: true })));
  assert.equal(region.rectangle.width, 20);
  assert.deepEqual(steps[0].lighten.factor, 1);
});

test('another image begins with nothing of the one before', () => {
  const state = after(edited(), said('DraftOpened', { operation: 'lighten' }), said('Navigated', { route: { view: 'image', id: 'b' } }));
  assert.deepEqual([state.editor.draft, state.editor.trial.url], [null, null]);
  assert.equal(state.editor.operations, OPERATIONS);
});

test('a step that was added elsewhere is shown, and presets that were saved are asked for', () => {
  const image = { ...edited().images.a, version: 2, recipe: { steps: [step(1, 'lighten', { factor: 2 })] } };
  const told = after(edited(), said('PresetsArrived', { list: [] }), said('ItemsArrived', { items: [
    { __typename: 'RecipeChanged', type: 'RecipeChanged', cursor: 'c2', imageId: 'a', image },
    { __typename: 'PresetSaved', cursor: 'c3' }] }));
  assert.equal(trialWanted(told).steps.length, 1);
  assert.equal(told.editor.presets.wanted, true);
  const late = after(told, said('ImageEdited', { image: { ...image, renditions: ['older'] }, text: 'Added.' }));
  assert.equal(late.images.a, image, 'the event knew more than the answer');
});

const replay = (state, more = {}) =>
  ({ id: 'o', state, total: 3, changed: 0, unchanged: 0, refused: 0, failed: 0, ...more });

test('a replay is followed to its end, which is told once', () => {
  const [started, nothing] = begun(NO_REPLAYS, 'web', replay('RUNNING'));
  assert.equal(nothing, null);
  const [further, progress] = followed(started, replay('RUNNING', { changed: 1 }));
  assert.deepEqual(progress, { text: '“web”: 1 of 3 images.', isOver: false });
  assert.equal(followed(further, replay('RUNNING', { changed: 1 }))[1], null, 'it is no news');
  assert.equal(further.running.web.changed, 1);
  const [ended, outcome] = followed(further, replay('FINISHED', { changed: 1, unchanged: 1, failed: 1 }));
  assert.deepEqual(ended.running, {});
  const text = 'Replayed “web”: 1 image rendered, 1 there already, 1 could not be rendered.';
  assert.deepEqual(outcome, { text, isOver: true });
  assert.equal(followed(ended, replay('FINISHED'))[1], null);
});

test('a replay that ends before it is known whose it is has ended', () => {
  const [heard, nothing] = followed(NO_REPLAYS, replay('CANCELLED'));
  assert.equal(nothing, null);
  const [ended, outcome] = begun(heard, 'web', replay('RUNNING'));
  assert.deepEqual(ended.running, {});
  assert.match(outcome.text, /^The replay of “web” was cancelled/);
  assert.equal(begun(NO_REPLAYS, 'web', replay('RUNNING', { total: 0 }))[1], null);
});

test('a replay of one image does not go away with another', () => {
  const state = after(edited(), said('ReplayBegun', { name: 'web', operation: replay('RUNNING') }),
    said('Navigated', { route: { view: 'image', id: 'b' } }),
    said('ItemsArrived', { items: [{ __typename: 'OperationFinished', cursor: 'c2', operation: replay('FINISHED', { changed: 3 }) }] }));
  assert.deepEqual(state.editor.replays.running, {});
  assert.equal(state.toast.text, 'Replayed “web”: 3 images rendered.');
});

test('what a replay would do is told in words, and only what there is', () => {
  const dryRun = { total: 6, toRender: 3, there: 1, deleted: 1, quarantined: 1 };
  assert.equal(dryRunInWords(dryRun), '3 images would be rendered, 1 is there already, 2 cannot be rendered.');
  assert.equal(dryRunInWords({ ...dryRun, total: 0 }), 'No image has a rendition by this preset.');
});

test('only a preset that was saved again, and whose newest version is shown, may have one to go back to', () => {
  const versions = [[0, 0], [1, 1], [2, 1], [2, 2]];
  assert.deepEqual(versions.map(([version, shownVersion]) => mayRollBack({ version, shownVersion })), [false, false, false, true]);
});

test('a histogram is an area over all levels, and words', () => {
  const levels = Array.from({ length: 256 }, (_, level) => (level === 0 || level === 255 ? 50 : 0));
  assert.equal(area(levels, 50).match(/h1/g).length, 256);
  assert.equal(inWords(levels), '100 px. Brightness from 0 to 255 of 255, 128 on average; 50 % is black, 50 % white.');
});

test('what is wanted no longer is let go of, and its answer comes to nothing', async () => {
  const asked = [];
  const arrived = [];
  const follow = latest({
    wanted: ({ want }) => want,
    ask: (want, signal) => new Promise((resolve) => asked.push({ want, signal, resolve })),
    arrived: (found) => arrived.push(found),
  });
  const turn = () => new Promise((resolve) => setTimeout(resolve));
  follow({ want: { n: 1 } });
  await turn();
  follow({ want: { n: 1 } });
  await turn();
  assert.equal(asked.length, 1, 'the same is not asked twice');
  follow({ want: { n: 2 } });
  await turn();
  assert.deepEqual(asked.map(({ signal }) => signal.aborted), [true, false]);
  asked[1].resolve('second');
  asked[0].resolve('first');
  await turn();
  assert.deepEqual(arrived, ['second']);
});
