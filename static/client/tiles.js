/**
 * Which tiles of an IIIF image service are seen, and where: geometry alone.
 *
 * A view is the point of the picture in the middle of the frame, in pixels of the picture, and how many pixels
 * of the page one of those takes.
 *
 * @typedef {{width: number, height: number}} Size
 * @typedef {{x: number, y: number}} Point
 * @typedef {{x: number, y: number, scale: number}} View
 * @typedef {{width: number, height: number, tiles: [{width: number, scaleFactors: number[]}]}} Information
 * @typedef {{path: string, x: number, y: number, width: number, height: number}} Tile - in pixels of the picture
 */

/** Pixels of the page that one of the picture takes at most. */
const LARGEST = 8;

/** The whole picture. @param {Size} picture @param {Size} frame @returns {View} */
export const whole = (picture, frame) =>
  ({ x: picture.width / 2, y: picture.height / 2, scale: smallest(picture, frame) });

/** Small pictures are not enlarged to be seen whole. */
const smallest = (picture, frame) => Math.min(frame.width / picture.width, frame.height / picture.height, 1);

/**
 * Nearer or further, with the same point of the picture under a point of the frame, from its middle.
 *
 * @param {View} view @param {number} factor @param {Point} at @param {Size} picture @param {Size} frame
 */
export function zoomed(view, factor, at, picture, frame) {
  const scale = Math.min(Math.max(view.scale * factor, smallest(picture, frame)), LARGEST);
  const shift = 1 / view.scale - 1 / scale;
  return within({ x: view.x + at.x * shift, y: view.y + at.y * shift, scale }, picture, frame);
}

/** Moved by so many pixels of the page. @param {View} view @param {Point} by */
export const moved = ({ x, y, scale }, by, picture, frame) =>
  within({ x: x - by.x / scale, y: y - by.y / scale, scale }, picture, frame);

/** The same view of a frame of another size. */
export const within = ({ x, y, scale }, picture, frame) => ({
  x: clamped(x, picture.width, frame.width / scale),
  y: clamped(y, picture.height, frame.height / scale),
  scale,
});

/** Nothing beside the picture is shown while there is something of it to show instead. */
const clamped = (middle, length, seen) =>
  seen >= length ? length / 2 : Math.min(Math.max(middle, seen / 2), length - seen / 2);

/**
 * The tiles that show the view sharply on a page of this density, and before them the one of the whole picture.
 *
 * @param {Information} information @param {View} view @param {Size} frame @param {number} density
 * @returns {Tile[]}
 */
export function seen(information, view, frame, density) {
  const factors = information.tiles[0].scaleFactors;
  const sharp = factors.findLast((factor) => factor * view.scale * density <= 1) ?? factors[0];
  const coarse = factors.at(-1);
  const everything = { x: information.width / 2, y: information.height / 2, scale: 1 };
  const backdrop = coarse === sharp ? [] : [...tiles(information, coarse, everything, information)];
  return [...backdrop, ...tiles(information, sharp, view, frame)];
}

function* tiles({ width, height, tiles: [{ width: side }] }, factor, view, frame) {
  const step = side * factor;
  const [left, top] = [view.x - frame.width / view.scale / 2, view.y - frame.height / view.scale / 2];
  const [right, bottom] = [left + frame.width / view.scale, top + frame.height / view.scale];
  for (let y = first(top, step); y < Math.min(bottom, height); y += step) {
    for (let x = first(left, step); x < Math.min(right, width); x += step) {
      yield tile(x, y, Math.min(step, width - x), Math.min(step, height - y), factor);
    }
  }
}

const first = (edge, step) => Math.max(Math.floor(edge / step), 0) * step;

const tile = (x, y, width, height, factor) => ({
  path: `${x},${y},${width},${height}/${Math.ceil(width / factor)},${Math.ceil(height / factor)}/0/default.jpg`,
  x, y, width, height,
});
