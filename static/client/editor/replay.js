/**
 * Replays of presets: what one would do, and how far those are that were begun on this page. Pure.
 *
 * @typedef {{preset: {name: string, version: number, shownVersion: number}, total: number, toRender: number,
 *   there: number, deleted: number, quarantined: number,
 *   sample: {image: {id: string, name: string}, before: ?string, after: ?string}[]}} DryRun
 * @typedef {{id: string, state: 'RUNNING' | 'CANCELLING' | 'FINISHED' | 'CANCELLED', total: number, changed: number,
 *   unchanged: number, refused: number, failed: number}} Operation
 * @typedef {{dryRun: ?DryRun, running: Record<string, Operation>, heard: ?Operation}} Replays - `running` by preset;
 *   `heard` is the last of which an event told: it may have overtaken the answer that says whose it is
 * @typedef {{text: string, isOver: boolean}} News
 */

import { count, number } from '../format.js';

/** @type {Replays} */
export const NO_REPLAYS = { dryRun: null, running: {}, heard: null };

/** Whether images show a version that is not the newest. */
export const isBehind = ({ version, shownVersion }) => shownVersion < version;

/** Whether there may be a version to go back to; the server knows. */
export const mayRollBack = (preset) => preset.version > 1 && !isBehind(preset);

/** The dry run of a preset as it is now. */
export const dryRunOf = ({ dryRun }, { name, version }) =>
  (dryRun?.preset.name === name && dryRun.preset.version === version ? dryRun : null);

/** @param {Replays} replays @param {Operation} operation - as it was answered @returns {[Replays, ?News]} as `followed` */
export function begun({ running, heard }, name, operation) {
  return followed({ dryRun: null, running: { ...running, [name]: operation }, heard },
    heard?.id === operation.id ? heard : operation);
}

/** @param {Replays} replays @param {Operation} operation @returns {[Replays, ?News]} and what there is to tell */
export function followed(replays, operation) {
  const heard = { ...replays, heard: operation };
  const name = Object.keys(replays.running).find((each) => replays.running[each].id === operation.id);
  if (!name) return [heard, null];
  const { [name]: _, ...others } = replays.running;
  const isOver = operation.state === 'FINISHED' || operation.state === 'CANCELLED';
  const text = isOver ? outcomeInWords(name, operation) : progressInWords(name, replays.running[name], operation);
  return [{ ...heard, running: isOver ? others : { ...others, [name]: operation } }, text ? { text, isOver } : null];
}

/** Of how many images it is known what came of them. @param {Operation} operation */
export const settled = ({ changed, unchanged, refused, failed }) => changed + unchanged + refused + failed;

const sentence = (...parts) => `${parts.filter(Boolean).join(', ')}.`;

/** @param {DryRun} dryRun */
export function dryRunInWords({ total, toRender, there, deleted, quarantined }) {
  if (total === 0) return 'No image has a rendition by this preset.';
  const cannot = deleted + quarantined;
  return sentence(
    `${count(toRender, 'image')} would be rendered`,
    there > 0 && `${number(there)} ${there === 1 ? 'is' : 'are'} there already`,
    cannot > 0 && `${number(cannot)} cannot be rendered`,
  );
}

const quarter = (operation) => Math.floor((4 * settled(operation)) / Math.max(operation.total, 1));

/** Told four times at most: who listens has other things to hear. */
const progressInWords = (name, before, now) =>
  (quarter(before) === quarter(now) ? null : `“${name}”: ${number(settled(now))} of ${count(now.total, 'image')}.`);

function outcomeInWords(name, { state, changed, unchanged, refused, failed }) {
  if (state === 'CANCELLED') return `The replay of “${name}” was cancelled. Images show what they showed.`;
  const cannot = refused + failed;
  return sentence(
    `Replayed “${name}”: ${count(changed, 'image')} rendered`,
    unchanged > 0 && `${number(unchanged)} there already`,
    cannot > 0 && `${number(cannot)} could not be rendered`,
  );
}
