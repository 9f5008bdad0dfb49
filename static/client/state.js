/**
 * All that the client knows, and how each message changes it. Pure: messages in, the next state out.
 *
 * @typedef {import('./image.js').Image} Image
 * @typedef {{key: string, name: string, size: number, preview?: string, sent: number, imageId?: string,
 *   status: 'waiting' | 'sending' | 'checking' | 'stored' | 'duplicate' | 'refused' | 'failed',
 *   message?: string}} Upload - `refused` stays refused, `failed` may be tried again
 * @typedef {{type: string, [detail: string]: unknown}} Message
 */

import { EDITOR_CHANGES, initialEditor, leftImage, presetsChanged } from './editor/state.js';
import { NO_REPLAYS, begun, followed } from './editor/replay.js';
import { isRendering, progressOf } from './image.js';
import { format } from './route.js';

const PRESETS = /^Preset/;

/** Events after which images show other renditions, though nobody changed them. */
const SWITCHES = /^Preset(Replayed|RolledBack)$/;

/** Events that can change which images belong to a page, or their order. */
const MOVING = /^Image/;

export function initial(route) {
  return navigated({
    route,
    /** @type {Record<string, Image>} */
    images: {},
    page: { key: '', shown: null, ids: [], total: 0, pageInfo: {}, wanted: false, loading: false, failure: null, overtaken: {} },
    picture: { id: null, wanted: false, loading: false, missing: false, failure: null },
    /** @type {Upload[]} */
    uploads: [],
    /** The position up to which the log has been told; where the subscription resumes. */
    cursor: null,
    editor: initialEditor(),
    /** @type {'connecting' | 'catching up' | 'live' | 'down'} */
    connection: 'connecting',
    dialog: null,
    toast: null,
    announcement: { number: 0, text: '' },
    dropping: false,
  }, { route });
}

/** @param {Message} message */
export function evolve(state, message) {
  const change = CHANGES[message.type];
  if (!change) throw new TypeError(`There is no message ${message.type}.`);
  return change(state, message);
}

const CHANGES = {
  Navigated: navigated,

  PageRequested: (state) => withPage(state, { wanted: false, loading: true, overtaken: {} }),
  PageArrived: pageArrived,
  PageFailed: (state, { key, failure }) =>
    key === state.page.key ? withPage(state, { loading: false, failure }) : state,
  PictureRequested: (state) => withPicture(state, { wanted: false, loading: true }),
  PictureArrived: pictureArrived,
  PictureFailed: (state, { id, failure }) =>
    id === state.picture.id ? withPicture(state, { loading: false, failure }) : state,
  Retried: retried,

  Connected: (state) => retried({ ...state, connection: state.cursor ? 'catching up' : 'connecting' }),
  Disconnected: (state) => ({ ...state, connection: 'down' }),
  SubscriptionEnded: (state) => ({ ...state, connection: state.connection === 'down' ? 'down' : 'catching up' }),
  ItemsArrived: (state, { items }) => pruned(items.reduce(itemArrived, state)),
  CursorRefused: (state) =>
    retried(withPage(
      { ...state, cursor: null, images: {}, editor: forgotten(state.editor), connection: 'connecting' },
      { ids: [], shown: null },
    )),

  FilesChosen: (state, { uploads }) => ({
    ...state,
    uploads: [...state.uploads, ...uploads.map((upload) => ({ ...upload, status: 'waiting', sent: 0 }))],
  }),
  UploadStarted: (state, { key }) => withUpload(state, key, { status: 'sending', sent: 0, message: undefined }),
  UploadProgressed: (state, { key, sent }) =>
    withUpload(state, key, { sent, status: sent < 1 ? 'sending' : 'checking' }),
  UploadStored: uploadStored,
  UploadRefused: uploadEnded('refused'),
  UploadFailed: uploadEnded('failed'),
  UploadRetried: (state, { key }) => withUpload(state, key, { status: 'waiting', sent: 0, message: undefined }),
  UploadRemoved: (state, { key }) => ({ ...state, uploads: state.uploads.filter((upload) => upload.key !== key) }),

  DialogOpened: (state, { dialog }) => ({ ...state, dialog: { ...dialog, saving: false, errors: [] } }),
  DialogClosed: (state, { kind }) => (kind === state.dialog?.kind ? { ...state, dialog: null } : state),
  SaveRequested: (state) => ({ ...state, dialog: { ...state.dialog, saving: true, errors: [] } }),
  SaveRefused: saveRefused,
  ImageSaved: (state, { image }) => announced(withImage(state, image), `Saved “${image.name}”.`),

  ImageDeleted: (state, { image }) =>
    withToast(withImage(state, image), { text: `Deleted “${image.name}”.`, undo: image.id }),
  ImageRestored: (state, { image }) => withToast(withImage(state, image), { text: `Restored “${image.name}”.` }),
  ActionFailed: (state, { text }) => withToast(state, { text, failed: true }),
  ToastDismissed: (state) => ({ ...state, toast: null }),

  ReplayBegun: (state, { name, operation }) => withReplays(state, begun(state.editor.replays, name, operation)),
  ImageEdited: (state, { image, text }) => announced(withAnswer(state, image), text),
  Announced: (state, { text }) => announced(state, text),
  ...mapped(EDITOR_CHANGES, (change) => (state, message) => ({ ...state, editor: change(state.editor, message) })),

  DragMoved: (state, { dropping }) => (dropping === state.dropping ? state : { ...state, dropping }),
};

function mapped(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

const withPage = (state, page) => ({ ...state, page: { ...state.page, ...page } });
const withPicture = (state, picture) => ({ ...state, picture: { ...state.picture, ...picture } });
const announced = (state, text) =>
  ({ ...state, announcement: { number: state.announcement.number + 1, text } });
const withToast = (state, toast) => announced({ ...state, toast }, toast.text);
const withImage = (state, image) =>
  withPage({ ...state, images: { ...state.images, [image.id]: image } }, { wanted: true });

/** An event of the same version may have overtaken the answer; it knows more of the renditions. */
const withAnswer = (state, image) =>
  (state.images[image.id]?.version >= image.version ? state : withImage(state, image));

function withReplays(state, [replays, news]) {
  const changed = { ...state, editor: { ...state.editor, replays } };
  if (!news) return changed;
  return news.isOver ? withToast(changed, { text: news.text }) : announced(changed, news.text);
}

/** Of another store there are other presets, and other replays. */
const forgotten = (editor) => presetsChanged({ ...editor, replays: NO_REPLAYS });

function withUpload(state, key, change) {
  const uploads = state.uploads.map((upload) => (upload.key === key ? { ...upload, ...change } : upload));
  return { ...state, uploads };
}

function navigated(state, { route }) {
  if (route.view === 'gallery') {
    const key = format(route);
    const moved = { ...state, route };
    return key === state.page.key ? moved : withPage(moved, { key, wanted: true, loading: false, failure: null });
  }
  const { [route.id]: known } = state.images;
  const wanted = !known || Boolean(known.stale);
  const picture = { id: route.id, wanted, loading: false, missing: false, failure: null };
  const editor = route.id === state.picture.id ? state.editor : leftImage(state.editor);
  return { ...state, route, picture, editor };
}

/** What was shown stays as it is until the answer comes. */
function retried(state) {
  const again = ({ failure, loading }) =>
    failure || (!state.cursor && !loading) ? { wanted: true, failure: null } : {};
  return withPicture(withPage(state, again(state.page)), again(state.picture));
}

function pageArrived(state, { key, connection }) {
  if (key !== state.page.key) return state;
  const { nodes, pageInfo, totalCount: total, asOf } = connection;
  const { overtaken } = state.page;
  const images = { ...state.images, ...byId(nodes.map((image) => overtaken[image.id] ?? image)) };
  const ids = nodes.map(({ id }) => id).filter((id) => overtaken[id] !== null);
  const page = { ids, total, pageInfo, loading: false, failure: null, shown: key };
  const arrived = withPage({ ...state, images, cursor: state.cursor ?? asOf }, page);
  const isNews = state.page.shown && state.page.shown !== key;
  return pruned(isNews ? announced(arrived, total === 1 ? '1 image.' : `${total} images.`) : arrived);
}

function pictureArrived(state, { id, image, asOf }) {
  if (id !== state.picture.id) return state;
  const arrived = withPicture(state, { loading: false, missing: !image, failure: null });
  const { [id]: known } = state.images;
  // Wanted again by now, it may be from before a switch.
  const found = state.picture.wanted ? { ...image, stale: true } : image;
  const images = image && (!known || known.stale) ? { ...state.images, [id]: found } : state.images;
  return { ...arrived, images, cursor: state.cursor ?? asOf };
}

function itemArrived(state, item) {
  const told = { ...state, cursor: item.cursor };
  if (item.__typename === 'CaughtUp') return { ...told, connection: 'live' };
  if (item.operation) return withReplays(told, followed(told.editor.replays, item.operation));
  if (SWITCHES.test(item.__typename)) return switched(told);
  if (PRESETS.test(item.__typename)) return { ...told, editor: presetsChanged(told.editor) };
  if (!item.imageId) return told;
  const { imageId: id, image } = item;
  const page = {
    wanted: told.page.wanted || MOVING.test(item.type),
    // What an event brings while the page is on its way is newer than the page.
    overtaken: told.page.loading ? { ...told.page.overtaken, [id]: image } : {},
  };
  const { [id]: before, ...others } = told.images;
  const known = withPage({ ...told, images: image ? { ...others, [id]: image } : others }, page);
  return hasSettled(before, image) && isFollowed(state, id)
    ? announced(known, `“${image.name}”: ${progressOf(image)}.`)
    : known;
}

/** What is shown is asked for anew, and what is known besides once it is shown. */
function switched(state) {
  const images = mapped(state.images, (image) => ({ ...image, stale: true }));
  const stale = { ...state, images, editor: presetsChanged(state.editor) };
  return withPicture(withPage(stale, { wanted: true }), { wanted: true });
}

const hasSettled = (before, now) => before && now && isRendering(before) && !isRendering(now);

const isFollowed = (state, id) => id === state.picture.id || state.uploads.some(({ imageId }) => imageId === id);

/** Keeps what is shown, what was uploaded here, and what still runs: a long session stays small. */
function pruned(state) {
  const shown = new Set(state.page.ids);
  const kept = ([id, image]) => shown.has(id) || isFollowed(state, id) || isRendering(image);
  return { ...state, images: Object.fromEntries(Object.entries(state.images).filter(kept)) };
}

function uploadStored(state, { key, image, duplicate }) {
  // An event of the image may have overtaken the answer; it is the newer of the two.
  const images = { [image.id]: image, ...state.images };
  const status = duplicate ? 'duplicate' : 'stored';
  const stored = withUpload({ ...state, images }, key, { status, sent: 1, imageId: image.id });
  return announced(
    withPage(stored, { wanted: true }),
    duplicate ? `“${image.name}” is already here.` : `Uploaded “${image.name}”.`,
  );
}

function uploadEnded(status) {
  return (state, { key, message }) => {
    const { name } = state.uploads.find((upload) => upload.key === key) ?? {};
    return name ? announced(withUpload(state, key, { status, message }), `“${name}”: ${message}`) : state;
  };
}

/** After a conflict the next attempt is meant for the version that is there now. */
function saveRefused(state, { errors }) {
  if (!state.dialog) return state;
  const version = state.images[state.dialog.image.id]?.version ?? state.dialog.version;
  const refused = { ...state, dialog: { ...state.dialog, saving: false, errors, version } };
  return announced(refused, errors.map(({ message }) => message).join(' '));
}

const byId = (images) => Object.fromEntries(images.map((image) => [image.id, image]));

/** The images with renditions that are not settled, as far as this page can know. */
export const running = (state) => Object.values(state.images).filter(isRendering);

export const isSending = ({ status }) => status === 'waiting' || status === 'sending' || status === 'checking';
