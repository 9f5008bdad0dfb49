/** Puts the client together: a message changes the state, the state is rendered, effects follow it. */

import { render } from './vendor/lit-html/lit-html.js';
import { createCommands } from './commands.js';
import { createEditor } from './editor/editor.js';
import { editable } from './editor/state.js';
import { takeIn } from './intake.js';
import { listen } from './keyboard.js';
import { goLive } from './live.js';
import { createLoader } from './loader.js';
import { createNavigation } from './navigation.js';
import { gallery, parse } from './route.js';
import { evolve, initial, isSending } from './state.js';
import { createUploads } from './uploads.js';
import { neighbours } from './views/image.js';
import { shell, titleOf } from './views/shell.js';

const SAMPLE = '/static/client/sample.jpg';

let state = initial(parse(location));
let frame = 0;
let heard = state.announcement;
const store = { state: () => state, dispatch };

const load = createLoader(store);
const uploads = createUploads(store);
const commands = createCommands(store);
const editor = createEditor(store);
const navigation = createNavigation(store);
const followLog = goLive(store);

const actions = {
  dispatch,
  go: navigation.go,
  upload: uploads,
  editor,
  restore: commands.restore,
  pickFiles: () => document.querySelector('#picker').click(),
  openDialog: (dialog) => dispatch({ type: 'DialogOpened', dialog }),
  /** Closed by its own method, which gives the focus back; its `close` event tells the state. */
  closeDialog: () => document.querySelector('dialog')?.close(),
  async save(form) {
    if (await commands.save(form)) actions.closeDialog();
  },
  async remove(id) {
    const wasShown = state.route.id === id;
    if (await commands.remove(id) && wasShown && state.route.id === id) navigation.leaveImage();
  },
  async trySample() {
    const blob = await (await fetch(SAMPLE)).blob();
    uploads.choose([new File([blob], 'Coffee.jpg', { type: blob.type })]);
  },
};

function dispatch(message) {
  if (isUnheard() && evolve(state, message).announcement !== state.announcement) draw();
  state = evolve(state, message);
  frame ||= requestAnimationFrame(draw);
  load();
  editor.follow();
  uploads.pump();
  followLog();
}

/** Whether there is an announcement that waits to be drawn. Another one must not take its place before. */
const isUnheard = () => frame && heard !== state.announcement;

function draw() {
  cancelAnimationFrame(frame);
  frame = 0;
  heard = state.announcement;
  render(shell(state, actions), document.body);
  document.title = titleOf(state);
  document.querySelector('dialog:not([open])')?.showModal();
  navigation.rendered();
}

function showNeighbour(step) {
  const id = state.route.view === 'image' && neighbours(state)[step];
  if (!id) return false;
  navigation.go({ view: 'image', id }, { replace: true });
}

/** The innermost: a step that is being made, else the image. */
function leave() {
  if (state.route.view !== 'image') return false;
  if (state.editor.draft) editor.close();
  else navigation.leaveImage();
}

/** Focused first, so that the focus comes back to it when the dialog closes. */
function editShown() {
  const button = document.querySelector('#edit');
  button?.focus();
  button?.click();
}

listen({
  '/': () => (document.querySelector('#search') ?? navigation.go(gallery()))?.focus(),
  u: actions.pickFiles,
  e: editShown,
  '?': () => actions.openDialog({ kind: 'shortcuts' }),
  ArrowLeft: () => showNeighbour('previous'),
  ArrowRight: () => showNeighbour('next'),
  'Ctrl+z': () => editable(state) && editor.undo(),
  'Ctrl+Shift+z': () => editable(state) && editor.redo(),
  Escape: leave,
});
takeIn({ choose: uploads.choose, dragMoved: (dropping) => dispatch({ type: 'DragMoved', dropping }) });
addEventListener('beforeunload', (event) => {
  if (state.uploads.some(isSending)) event.preventDefault();
});

draw();
load();
editor.follow();
