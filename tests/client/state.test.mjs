/** What the client knows after each message: histories in, states out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { format, gallery, parse } from '../../static/client/route.js';
import { evolve, initial, isSending, running } from '../../static/client/state.js';

const after = (state, ...messages) => messages.reduce(evolve, state);
const home = () => initial(gallery());

function rendition(state, preset = 'thumbnail') {
  return { id: `${preset}-${state}`, preset, state, url: '/r', width: 10, height: 10, byteSize: 1, mediaType: 'image/webp' };
}

function image(id, more = {}) {
  const original = { width: 40, height: 30, byteSize: 9, mediaType: 'image/png' };
  return { id, name: `${id}.png`, description: '', tags: [], state: 'ACTIVE', version: 1, original,
    renditions: [rendition('READY')], asOf: 'c1', ...more };
}

function arrived(nodes, { key = '/', asOf = 'c1' } = {}) {
  return { type: 'PageArrived', key, connection: { nodes, totalCount: nodes.length, asOf, pageInfo: {} } };
}

const event = (type, subject, cursor = 'c2') =>
  ({ __typename: type, type, cursor, imageId: subject.id, image: subject });
const items = (...list) => ({ type: 'ItemsArrived', items: list });
const chosen = (...keys) =>
  ({ type: 'FilesChosen', uploads: keys.map((key) => ({ key, name: `${key}.png`, size: 9 })) });

test('an unknown message is refused', () => {
  assert.throws(() => evolve(home(), { type: 'Nonsense' }), /no message Nonsense/);
});

test('no message changes the state it is given', () => {
  const frozen = (value) => {
    if (value && typeof value === 'object') Object.values(Object.freeze(value)).forEach(frozen);
    return value;
  };
  const history = [{ type: 'PageRequested' }, arrived([image('a')]), chosen('u'), { type: 'UploadStarted', key: 'u' },
    { type: 'UploadStored', key: 'u', image: image('b'), duplicate: false }, items(event('ImageDeleted', image('a'))),
    { type: 'ImageDeleted', image: image('b') }, { type: 'Disconnected' }, { type: 'Connected' }];
  const last = history.reduce((state, message) => frozen(evolve(state, frozen(message))), frozen(home()));
  assert.equal(last.connection, 'catching up');
});

test('a gallery wants its page, and a page that arrives is shown', () => {
  const state = home();
  assert.equal(state.page.wanted, true);
  const shown = after(state, { type: 'PageRequested' }, arrived([image('a'), image('b')]));
  assert.deepEqual(shown.page.ids, ['a', 'b']);
  assert.equal(shown.page.wanted, false);
  assert.equal(shown.cursor, 'c1');
});

test('a page that was left meanwhile is dropped', () => {
  const state = after(home(), { type: 'PageRequested' }, { type: 'Navigated', route: gallery({ text: 'x' }) });
  assert.equal(after(state, arrived([image('a')])), state);
});

test('what an event brought while the page was on its way is kept', () => {
  const renamed = image('a', { name: 'new' });
  const state = after(home(), { type: 'PageRequested' }, items(event('ImageRenamed', renamed)), arrived([image('a')]));
  assert.equal(state.images.a.name, 'new');
  assert.equal(state.page.wanted, true, 'the order may have changed: asked again');
});

test('events of renderings change an image in place and ask for nothing', () => {
  const state = after(home(), { type: 'PageRequested' }, arrived([image('a', { renditions: [rendition('PENDING')] })]));
  assert.equal(running(state).length, 1);
  const finished = after(state, items(event('RenderingFinished', image('a'))));
  assert.equal(running(finished).length, 0);
  assert.equal(finished.page.wanted, false);
});

test('events of images ask for the page again', () => {
  for (const type of ['ImageUploaded', 'ImageDeleted', 'ImageRestored', 'ImageRenamed', 'ImageTagged']) {
    const state = after(home(), { type: 'PageRequested' }, arrived([]), items(event(type, image('a'))));
    assert.equal(state.page.wanted, true, type);
  }
});

test('the cursor follows every item, also one that tells nothing', () => {
  const state = after(home(), items({ __typename: 'Progress', cursor: 'c7' }));
  assert.equal(state.cursor, 'c7');
  assert.equal(after(state, items({ __typename: 'CaughtUp', cursor: 'c8' })).connection, 'live');
});

test('an image that is gone for good leaves the page', () => {
  const gone = { ...event('ImagePurged', image('a')), image: null };
  const state = after(home(), { type: 'PageRequested' }, arrived([image('a')]), items(gone));
  assert.equal(state.images.a, undefined);
});

test('images that are neither shown, followed nor running are forgotten', () => {
  const busy = image('busy', { renditions: [rendition('RENDERING')] });
  const state = after(home(), items(event('ImageUploaded', image('idle')), event('ImageUploaded', busy)));
  assert.deepEqual(Object.keys(state.images), ['busy']);
});

test('the completion of an upload of this page is announced once', () => {
  const pending = image('a', { renditions: [rendition('RENDERING')] });
  const state = after(home(), chosen('u'), { type: 'UploadStored', key: 'u', image: pending, duplicate: false });
  const finished = after(state, items(event('RenderingFinished', image('a'))));
  assert.equal(finished.announcement.text, '“a.png”: Ready.');
  const again = after(finished, items(event('RenderingFinished', image('a'))));
  assert.equal(again.announcement, finished.announcement);
});

test('an answer that was overtaken by an event does not undo it', () => {
  const pending = image('a', { renditions: [rendition('RENDERING')] });
  const settledFirst = after(home(), chosen('u'), { type: 'PageRequested' }, arrived([pending]),
    items(event('RenderingFinished', image('a'))));
  const state = after(settledFirst, { type: 'UploadStored', key: 'u', image: pending, duplicate: false });
  assert.equal(running(state).length, 0);
});

test('an upload goes from waiting to stored, and says how much was sent', () => {
  const steps = [chosen('u'), { type: 'UploadStarted', key: 'u' }, { type: 'UploadProgressed', key: 'u', sent: 0.5 },
    { type: 'UploadProgressed', key: 'u', sent: 1 }, { type: 'UploadStored', key: 'u', image: image('a'), duplicate: false }];
  const seen = steps.map((_, index) => after(home(), ...steps.slice(0, index + 1)).uploads[0].status);
  assert.deepEqual(seen, ['waiting', 'sending', 'sending', 'checking', 'stored']);
});

test('a refusal keeps its message, a failure may be tried again', () => {
  const refused = after(home(), chosen('u'), { type: 'UploadRefused', key: 'u', message: 'No.' });
  assert.equal(refused.uploads[0].message, 'No.');
  assert.equal(refused.announcement.text, '“u.png”: No.');
  const retried = after(refused, { type: 'UploadRetried', key: 'u' });
  assert.equal(isSending(retried.uploads[0]), true);
  assert.equal(retried.uploads[0].message, undefined);
});

test('what became of an upload that was removed is not told', () => {
  const state = after(home(), chosen('u'), { type: 'UploadRemoved', key: 'u' });
  assert.equal(after(state, { type: 'UploadFailed', key: 'u', message: 'gone' }), state);
});

test('a lost connection comes back to where it was, and asks again for what failed', () => {
  const failed = after(home(), { type: 'PageRequested' }, { type: 'Disconnected' },
    { type: 'PageFailed', key: '/', failure: new Error('down') });
  assert.equal(failed.connection, 'down');
  const back = after(failed, { type: 'Connected' });
  assert.equal(back.page.wanted, true);
  assert.equal(back.page.failure, null);
});

test('connecting for the first time does not ask twice', () => {
  assert.equal(after(home(), { type: 'PageRequested' }, { type: 'Connected' }).page.wanted, false);
});

test('after a refused cursor everything is asked anew', () => {
  const state = after(home(), { type: 'PageRequested' }, arrived([image('a')]), { type: 'CursorRefused' });
  assert.deepEqual([state.cursor, state.images, state.page.wanted, state.page.shown], [null, {}, true, null]);
});

test('an image page wants what it does not know, and says when there is none', () => {
  const known = after(home(), { type: 'PageRequested' }, arrived([image('a')]));
  assert.equal(after(known, { type: 'Navigated', route: { view: 'image', id: 'a' } }).picture.wanted, false);
  const unknown = after(known, { type: 'Navigated', route: { view: 'image', id: 'z' } });
  assert.equal(unknown.picture.wanted, true);
  const missing = after(unknown, { type: 'PictureRequested' }, { type: 'PictureArrived', id: 'z', image: null, asOf: 'c1' });
  assert.equal(missing.picture.missing, true);
});

const switched = { __typename: 'PresetReplayed', cursor: 'c5' };
const route = (id) => ({ type: 'Navigated', route: { view: 'image', id } });
const picture = (subject) => ({ type: 'PictureArrived', id: subject.id, image: subject, asOf: 'c5' });

test('after a switch what is shown is asked for anew, and the rest once it is shown', () => {
  const [old, now] = [rendition('READY', 'web'), { ...rendition('READY', 'web'), url: '/new' }].map((each) => ({ renditions: [each] }));
  const shown = after(home(), { type: 'PageRequested' }, arrived([image('a', old), image('b', old)]), route('a'), items(switched));
  assert.deepEqual([shown.picture.wanted, shown.page.wanted], [true, true]);
  assert.equal(shown.images.a.renditions[0].url, '/r', 'until the answer comes it stays as it is');
  const asked = after(shown, { type: 'PictureRequested' }, picture(image('a', now)));
  assert.equal(asked.images.a.renditions[0].url, '/new');
  assert.equal(after(asked, route('a')).picture.wanted, false);
  assert.equal(after(asked, route('b')).picture.wanted, true);
});

test('an answer from before a switch is asked for once more', () => {
  const before = after(initial({ view: 'image', id: 'a' }), { type: 'PictureRequested' }, items(switched), picture(image('a')));
  assert.equal(before.picture.wanted, true);
  const now = after(before, { type: 'PictureRequested' }, picture(image('a', { version: 2 })));
  assert.equal(now.images.a.version, 2);
});

test('after a conflict the next attempt is for the version that is there now', () => {
  const opened = after(home(), { type: 'PageRequested' }, arrived([image('a')]),
    { type: 'DialogOpened', dialog: { kind: 'edit', image: image('a'), version: 1 } }, { type: 'SaveRequested' },
    items(event('ImageRenamed', image('a', { version: 2 }))));
  const refused = after(opened, { type: 'SaveRefused', errors: [{ code: 'VERSION_CONFLICT', message: 'Too late.' }] });
  assert.equal(refused.dialog.version, 2);
  assert.equal(refused.dialog.saving, false);
});

test('a dialog that is closed late closes no other', () => {
  const opened = after(home(), { type: 'DialogOpened', dialog: { kind: 'edit' } },
    { type: 'DialogOpened', dialog: { kind: 'shortcuts' } });
  assert.equal(after(opened, { type: 'DialogClosed', kind: 'edit' }), opened);
  assert.equal(after(opened, { type: 'DialogClosed', kind: 'shortcuts' }).dialog, null);
});

test('a deletion can be undone from where it is told', () => {
  assert.equal(after(home(), { type: 'ImageDeleted', image: image('a') }).toast.undo, 'a');
});

test('going back to the same page asks for nothing', () => {
  const shown = after(home(), { type: 'PageRequested' }, arrived([image('a')]));
  const back = after(shown, { type: 'Navigated', route: { view: 'image', id: 'a' } },
    { type: 'Navigated', route: parse({ pathname: '/', search: '' }) });
  assert.equal(back.page.wanted, false);
  assert.equal(format(back.route), '/');
});
