/**
 * Questions one may ask of an image as the server tells it.
 *
 * @typedef {{id: string, preset: string, state: 'PENDING' | 'RENDERING' | 'READY' | 'FAILED', url?: string,
 *   width?: number, height?: number, byteSize?: number, mediaType: string,
 *   failure?: {code: string, message: string}}} Rendition
 * @typedef {{id: string, name: string, description: string, tags: string[], state: 'ACTIVE' | 'DELETED',
 *   version: number, uploadedAt: string, uploadedBy: string, iiif: string, original: object, renditions: Rendition[],
 *   takenAt?: string, camera?: Camera, metadata?: {utcOffset?: number}, stale?: boolean}} Image - `stale` since a switch
 *   of what a preset's images show, until it is asked for anew
 * @typedef {{make?: string, model?: string, lensMake?: string, lens?: string}} Camera
 */

const THUMBNAIL = 'thumbnail';

/** @param {Rendition} rendition */
export const isSettled = ({ state }) => state === 'READY' || state === 'FAILED';

/** @param {Image} image */
export const isRendering = (image) => !image.renditions.every(isSettled);

/** @param {Image} image */
export const isDeleted = (image) => image.state === 'DELETED';

/** @param {Image} image @returns {Rendition | undefined} */
export const thumbnail = (image) => image.renditions.find(({ preset }) => preset === THUMBNAIL);

/** Width over height as people see it: the thumbnail is upright, the original may lie on its side. */
export function aspect(image) {
  const shown = thumbnail(image);
  const { width, height } = shown?.state === 'READY' ? shown : image.original;
  return width && height ? width / height : 1;
}

/** Large enough to look at, and small enough to be sent for that. */
const VIEW_WIDTH = 1024;
const VIEW_BYTES = 20_000_000;
const SHOWABLE = /^image\/(jpeg|png|webp|avif|gif|bmp)$/;

/**
 * What stands for the image on its own page: the largest rendition that keeps colours and shape; where
 * none of these is large enough, the original, if browsers can show it.
 *
 * @param {Image} image @returns {{url: string, width: number, height: number} | undefined}
 */
export function portrait({ original, renditions }) {
  const faithful = renditions.filter(({ preset, state }) => state === 'READY' && !/gr[ae]y|square|crop/.test(preset));
  const [largest] = faithful.sort((one, other) => other.width - one.width);
  if (largest?.width >= Math.min(original.width, VIEW_WIDTH)) return largest;
  return SHOWABLE.test(original.mediaType) && original.byteSize <= VIEW_BYTES ? original : largest;
}

/** How far an image's renditions are, in the words of the page. @param {Image} image */
export function progressOf(image) {
  const total = image.renditions.length;
  const settled = image.renditions.filter(isSettled).length;
  const failed = image.renditions.filter(({ state }) => state === 'FAILED').length;
  if (settled < total) return `Rendering, ${settled} of ${total} done`;
  return failed > 0 ? `${failed} of ${total} renditions failed` : 'Ready';
}

/** Most makers begin the name of a model with their own. */
const made = (make, model) => (make && model?.toLowerCase().startsWith(make.toLowerCase()) ? [model] : [make, model]);

/** What a picture was taken with, in words. @param {Camera} camera */
export const cameraInWords = ({ make, model, lensMake, lens }) =>
  [made(make, model), made(lensMake, lens)].map((names) => names.filter(Boolean).join(' ')).filter(Boolean).join(', ');
