/** What a person does in the editor. */

import {
  REMOVE_PRESET, REPLAY_PRESET, REQUEST_RENDITION, ROLL_BACK_PRESET, SAVE_PRESET, TRY_REPLAY, edit,
} from '../documents.js';
import { accepted, freshId, request } from '../graphql.js';
import { stepInput, stepInputs, title } from './catalogue.js';
import { dryRunInWords } from './replay.js';
import { draftStep, editable, namesake } from './state.js';

export function createEditorCommands({ state: current, dispatch }) {
  /** One thing at a time. The result of `act`; undefined where it failed, which `refused` has been told. */
  async function doing(act, refused) {
    if (current().editor.busy) return undefined;
    dispatch({ type: 'EditRequested' });
    try {
      const result = await act();
      dispatch({ type: 'EditDone' });
      return result;
    } catch (failure) {
      dispatch({ type: 'EditRefused', errors: [] });
      refused(failure);
      return undefined;
    }
  }

  const toldInForm = ({ errors }) => dispatch({ type: 'EditRefused', errors });
  const toldInToast = ({ message }) => dispatch({ type: 'ActionFailed', text: message });

  /**
   * A change of the image shown, of the version that is shown.
   *
   * @param {string | ((before: object, after: object) => string)} text - what is announced then
   */
  async function change(field, input, text, refused = toldInToast) {
    const before = editable(current());
    const answer = await doing(async () => {
      const whole = { id: before.id, expectedVersion: before.version, commandId: freshId(), ...input };
      const data = await request(edit(field), { input: whole });
      return accepted(data[field]);
    }, refused);
    if (!answer) return false;
    const { image } = answer;
    dispatch({ type: 'ImageEdited', image, text: typeof text === 'string' ? text : text(before, image) });
    return true;
  }

  async function perform(document, field, input, text, refused = toldInToast) {
    const answer = await doing(async () => {
      const data = await request(document, { input: { ...input, commandId: freshId() } });
      return accepted(data[field]);
    }, refused);
    if (answer) dispatch({ type: 'Announced', text });
    return answer;
  }

  async function submit() {
    const { editor } = current();
    const step = draftStep(editor);
    if (!step) {
      toldInForm({ errors: [{ message: 'Draw around a part of the picture first, or choose all of it.' }] });
      return;
    }
    const input = stepInput(editor.operations, step);
    const { number, operation } = editor.draft;
    const name = title(operation);
    const isDone = number === null
      ? await change('appendSteps', { steps: [input] }, `Added “${name}”.`, toldInForm)
      : await change('replaceStep', { number, step: input }, `Changed “${name}”.`, toldInForm);
    // Somebody quick has another one open by now.
    if (isDone && current().editor.draft?.operation === operation) close();
  }

  function close() {
    dispatch({ type: 'DraftClosed' });
    focusAfterDrawing('#operation');
  }

  async function savePreset(form) {
    const { editor } = current();
    const { recipe } = editable(current());
    const { name } = editor.presets;
    const answer = await perform(SAVE_PRESET, 'savePreset', {
      name,
      steps: stepInputs(editor.operations, recipe.steps),
      output: output(new FormData(form)),
      expectedVersion: namesake(editor)?.version ?? 0,
    }, `Saved the preset “${name}”.`);
    if (!answer) return;
    form.reset();
    dispatch({ type: 'PresetNamed', name: '' });
  }

  async function tryReplay({ name }) {
    const answer = await doing(() => request(TRY_REPLAY, { name }), toldInToast);
    if (!answer) return;
    const { presetReplay: dryRun } = answer;
    dispatch({ type: 'DryRunArrived', dryRun });
    dispatch({ type: 'Announced', text: dryRunInWords(dryRun) });
  }

  /** Of the version that was tried, and of no other. */
  async function replay({ name, version }) {
    const input = { name, expectedVersion: version };
    const answer = await perform(REPLAY_PRESET, 'replayPreset', input, `Replaying “${name}”.`);
    if (!answer) return;
    dispatch({ type: 'ReplayBegun', name, operation: answer.operation });
    focusAfterDrawing(`#preset-${name}`);
  }

  const removal = (step) => `Removed “${title(step.operation)}”.`;

  return {
    submit,
    close,
    savePreset,
    tryReplay,
    replay,
    open(operation, step) {
      dispatch({ type: 'DraftOpened', operation, step });
      if (step) focusAfterDrawing('#draft-title');
    },
    async remove(step) {
      if (await change('removeStep', { number: step.number }, removal(step))) focusAfterDrawing('#steps-title');
    },
    move: (step, index) =>
      change('moveStep', { number: step.number, index }, `Moved “${title(step.operation)}” to place ${index + 1}.`),
    toggle: (step) => (step.enabled
      ? change('disableStep', { number: step.number }, `Switched “${title(step.operation)}” off.`)
      : change('enableStep', { number: step.number }, `Switched “${title(step.operation)}” on.`)),
    undo: () => change('undoImage', {}, (before, after) => `Undone${differences(before, after)}.`),
    redo: () => change('redoImage', {}, (before, after) => `Redone${differences(before, after)}.`),
    render: (form) => {
      const fields = new FormData(form);
      const { id: imageId } = editable(current());
      const input = { imageId, preset: fields.get('preset') || null, output: output(fields) };
      return perform(REQUEST_RENDITION, 'requestRendition', input, 'Asked for a rendition.');
    },
    removePreset: ({ name, version }) =>
      perform(REMOVE_PRESET, 'removePreset', { name, expectedVersion: version }, `Removed the preset “${name}”.`),
    rollBack: ({ name, version }) =>
      perform(ROLL_BACK_PRESET, 'rollBackPreset', { name, expectedVersion: version }, `Rolled “${name}” back.`),
  };
}

/** As OutputInput takes it. @param {FormData} fields */
function output(fields) {
  const whole = (name) => (fields.get(name) ? Number(fields.get(name)) : null);
  return { format: fields.get('format') || null, quality: whole('quality'), largest: whole('largest') };
}

/** What people call what an undo can bring back: not the steps alone. */
const EDITABLE = { recipe: 'the steps', name: 'the name', description: 'the description', tags: 'the tags' };

function differences(before, after) {
  const isOther = (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]);
  const found = Object.keys(EDITABLE).filter(isOther).map((key) => EDITABLE[key]);
  return found.length > 0 ? `: ${found.join(', ')}` : '';
}

/** The next drawing comes with the next frame, before this. */
function focusAfterDrawing(selector) {
  requestAnimationFrame(() => document.querySelector(selector)?.focus());
}
