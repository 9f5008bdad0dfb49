/** Keeps the editor supplied with all that its state wants, and takes what a person does. */

import { HISTOGRAM, OPERATIONS, PRESETS } from '../documents.js';
import { request } from '../graphql.js';
import { createEditorCommands } from './commands.js';
import { latest } from './latest.js';
import { histogramWanted, trialWanted } from './state.js';
import { tryOut } from './trial.js';

/** Between two changes of a form that are tried out, in milliseconds. */
const PAUSE = 150;

const isShown = ({ route }) => route.view === 'image';

export function createEditor(store) {
  const { state: current, dispatch } = store;
  const followers = [
    latest({
      wanted: (state) => (isShown(state) && !state.editor.operations ? {} : null),
      ask: (_, signal) => request(OPERATIONS, {}, signal),
      arrived: ({ operations }) => dispatch({ type: 'OperationsArrived', operations }),
    }),
    latest({
      wanted: (state) => (isShown(state) && state.editor.presets.wanted ? {} : null),
      ask: (_, signal) => request(PRESETS, {}, signal),
      arrived: ({ presets }) => dispatch({ type: 'PresetsArrived', list: presets }),
    }),
    latest({
      wanted: trialWanted,
      ask: tryOut,
      asked: () => dispatch({ type: 'TrialRequested' }),
      arrived: (trial) => dispatch({ type: 'TrialArrived', trial }),
      failed: (failure) => dispatch({ type: 'TrialFailed', failure }),
      unwanted: () => dispatch({ type: 'TrialUnwanted' }),
      pause: PAUSE,
    }),
    latest({
      wanted: histogramWanted,
      ask: async (want, signal) => (await request(HISTOGRAM, want, signal)).image.histogram,
      arrived: (levels) => dispatch({ type: 'HistogramArrived', levels }),
      failed: (failure) => dispatch({ type: 'HistogramFailed', failure }),
      pause: 2 * PAUSE,
    }),
  ];

  return {
    follow: () => followers.forEach((follow) => follow(current())),
    ...createEditorCommands(store),
  };
}
