/**
 * The part of a picture that a step is limited to, as it is chosen, and as RegionInput takes it. Pure geometry.
 *
 * @typedef {{kind: 'whole'}} Whole
 * @typedef {{kind: 'box', x: string, y: string, width: string, height: string, feather: string}} Box - as typed
 * @typedef {{kind: 'lasso', points: Point[], feather: string}} Lasso
 * @typedef {Whole | Box | Lasso} Part
 * @typedef {{x: number, y: number}} Point
 * @typedef {{width: number, height: number}} Size
 */

import { dimensions, number } from '../format.js';

/** Beside other steps they have to find room in the URL of a preview. */
const MOST_POINTS = 150;

/** Pixels of a screen that a picture is drawn on, at most, or nearly so. */
const SCREEN = 1600;

export const SIDES = ['x', 'y', 'width', 'height'];

export const WHOLE = { kind: 'whole' };

const tenth = (value) => Math.round(value * 10) / 10;

const texts = (box) => Object.fromEntries(SIDES.map((side) => [side, String(box[side])]));

/** To begin with: the middle half of a picture, or nothing drawn yet. @param {Size} size @returns {Part} */
export function initialPart(kind, { width, height }) {
  if (kind === 'whole') return WHOLE;
  if (kind === 'lasso') return { kind, points: [], feather: '0' };
  const middle = boxBetween({ x: width / 4, y: height / 4 }, { x: width * 3 / 4, y: height * 3 / 4 }, { width, height });
  return { kind, ...texts(middle), feather: '0' };
}

const clamped = (value, most) => Math.min(Math.max(value, 0), most);

/** @param {Point} point @param {Size} size @returns {Point} */
export const inside = ({ x, y }, { width, height }) => ({ x: clamped(x, width), y: clamped(y, height) });

/** The box of whole pixels between two corners, wherever they lie. @param {Point} one @param {Point} other */
export function boxBetween(one, other, size) {
  const [from, to] = [inside(one, size), inside(other, size)];
  const x = Math.min(Math.floor(Math.min(from.x, to.x)), size.width - 1);
  const y = Math.min(Math.floor(Math.min(from.y, to.y)), size.height - 1);
  const width = Math.max(Math.ceil(Math.max(from.x, to.x)) - x, 1);
  const height = Math.max(Math.ceil(Math.max(from.y, to.y)) - y, 1);
  return { x, y, width, height };
}

/** A box as the fields show it. */
export const boxTexts = texts;

/** Every second point is left out as often as there are too many. @param {Point[]} points */
function thinned(points) {
  return points.length <= MOST_POINTS ? points : thinned(points.filter((_, index) => index % 2 === 0));
}

/** How far a point is from the line through two others. */
function distance({ x, y }, from, to) {
  const [across, down] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(across, down);
  if (length === 0) return Math.hypot(x - from.x, y - from.y);
  return Math.abs(across * (y - from.y) - down * (x - from.x)) / length;
}

/** The algorithm of Ramer (1972), and Douglas and Peucker (1973): no point is farther from the result than allowed. */
function withoutDetours(points, allowed) {
  const [first, last] = [points[0], points.at(-1)];
  const distances = points.map((point) => distance(point, first, last));
  const farthest = distances.indexOf(Math.max(...distances));
  if (distances[farthest] <= allowed) return [first, last];
  return [...withoutDetours(points.slice(0, farthest + 1), allowed).slice(0, -1),
    ...withoutDetours(points.slice(farthest), allowed)];
}

/** What a hand drew, with as few points as show no difference on a screen. @param {Point[]} points @param {Size} size */
export function simplified(points, { width, height }) {
  return points.length < 3 ? points : withoutDetours(points, Math.max(width, height) / SCREEN);
}

/** @param {Part} part */
export const isDrawn = (part) =>
  part.kind === 'whole' || (part.kind === 'box' ? SIDES.every((side) => part[side] !== '') : part.points.length > 2);

/** As RegionInput takes it; null for all of the picture. @param {Part} part */
export function regionInput(part) {
  if (part.kind === 'whole') return null;
  const feather = Number(part.feather);
  if (part.kind === 'box') {
    return { rectangle: { ...Object.fromEntries(SIDES.map((side) => [side, Number(part[side])])), feather } };
  }
  return { polygon: { points: thinned(part.points).map(({ x, y }) => ({ x: tenth(x), y: tenth(y) })), feather } };
}

/** From a step, whose region stands as RegionInput takes it. @returns {Part} */
export function partOf(region) {
  if (!region) return WHOLE;
  const { rectangle, polygon } = region;
  const feather = String((rectangle ?? polygon).feather);
  return rectangle ? { kind: 'box', ...texts(rectangle), feather } : { kind: 'lasso', points: polygon.points, feather };
}

export function partInWords({ rectangle, polygon }) {
  const { feather } = rectangle ?? polygon;
  const soft = feather > 0 ? `, faded over ${number(feather)} px` : '';
  if (polygon) return `in a lasso of ${number(polygon.points.length)} points${soft}`;
  return `in a box of ${dimensions(rectangle)} px at ${number(rectangle.x)}, ${number(rectangle.y)}${soft}`;
}

/** An SVG path around it; empty where nothing is drawn. @param {Part} part */
export function outline(part) {
  if (!isDrawn(part) || part.kind === 'whole') return '';
  if (part.kind === 'lasso') return `M${part.points.map(({ x, y }) => `${tenth(x)} ${tenth(y)}`).join('L')}Z`;
  const [x, y, width, height] = SIDES.map((side) => Number(part[side]));
  return `M${x} ${y}h${width}v${height}h${-width}Z`;
}
