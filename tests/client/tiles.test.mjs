/** Looking closely: what is seen of a picture, and which tiles show it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { moved, seen, whole, within, zoomed } from '../../static/client/tiles.js';

const picture = { width: 4000, height: 3000, tiles: [{ width: 512, scaleFactors: [1, 2, 4, 8] }] };
const frame = { width: 1000, height: 500 };
const middle = { x: 0, y: 0 };
const paths = (view, density = 1) => seen(picture, view, frame, density).map(({ path }) => path);

test('a picture is seen whole at first, and never enlarged for that', () => {
  assert.deepEqual(whole(picture, frame), { x: 2000, y: 1500, scale: 1 / 6 });
  assert.deepEqual(whole({ width: 10, height: 20 }, frame), { x: 5, y: 10, scale: 1 });
});

test('what is under the pointer stays there', () => {
  const at = { x: 200, y: -100 };
  const under = ({ x, y, scale }) => [x + at.x / scale, y + at.y / scale];
  const before = { x: 2000, y: 1500, scale: 1 };
  for (const factor of [2, 0.9]) assert.deepEqual(under(zoomed(before, factor, at, picture, frame)), under(before));
});

test('there is a nearest and a furthest', () => {
  const view = whole(picture, frame);
  assert.deepEqual(zoomed(view, 0.5, middle, picture, frame), view);
  assert.equal(zoomed(view, 1e9, middle, picture, frame).scale, 8);
});

test('one does not leave the picture', () => {
  const view = { x: 2000, y: 1500, scale: 1 };
  assert.deepEqual(moved(view, { x: 100, y: -50 }, picture, frame), { x: 1900, y: 1550, scale: 1 });
  assert.deepEqual(moved(view, { x: 1e6, y: 1e6 }, picture, frame), { x: 500, y: 250, scale: 1 });
  assert.deepEqual(moved(view, { x: -1e6, y: -1e6 }, picture, frame), { x: 3500, y: 2750, scale: 1 });
  assert.deepEqual(within({ x: 0, y: 0, scale: 0.1 }, picture, frame), { x: 2000, y: 1500, scale: 0.1 });
});

test('tiles are those of the level that is just sharp enough, above the whole picture', () => {
  const all = '0,0,4000,3000/500,375/0/default.jpg';
  const view = { x: 2000, y: 1500, scale: 1 };
  assert.deepEqual(paths(view), [
    all,
    '1024,1024,512,512/512,512/0/default.jpg', '1536,1024,512,512/512,512/0/default.jpg',
    '2048,1024,512,512/512,512/0/default.jpg', '1024,1536,512,512/512,512/0/default.jpg',
    '1536,1536,512,512/512,512/0/default.jpg', '2048,1536,512,512/512,512/0/default.jpg',
  ]);
  assert.deepEqual(paths(whole(picture, frame)).slice(1), [
    '0,0,2048,2048/512,512/0/default.jpg', '2048,0,1952,2048/488,512/0/default.jpg',
    '0,2048,2048,952/512,238/0/default.jpg', '2048,2048,1952,952/488,238/0/default.jpg',
  ]);
  assert.deepEqual(paths({ x: 2000, y: 1500, scale: 0.05 }), [all]);
});

test('a page of twice the density takes the next level', () => {
  const at = (density) => paths({ x: 2000, y: 1500, scale: 0.5 }, density)[1].split(',')[2];
  assert.deepEqual([at(1), at(2)], ['1024', '512']);
});

test('at the edges tiles are what is left', () => {
  assert.equal(paths({ x: 3500, y: 2750, scale: 1 }).at(-1), '3584,2560,416,440/416,440/0/default.jpg');
});
