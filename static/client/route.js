/**
 * What the address bar says, as a value, and back. The only place that knows addresses.
 *
 * @typedef {{view: 'gallery', filter: Filter, sort: string, after?: string, before?: string}} GalleryRoute
 * @typedef {{view: 'image', id: string}} ImageRoute
 * @typedef {GalleryRoute | ImageRoute} Route
 * @typedef {{text?: string, tags?: string[], type?: string, deleted?: boolean, minWidth?: number,
 *   maxWidth?: number, minHeight?: number, maxHeight?: number}} Filter
 */

export const PAGE_SIZE = 60;
const LARGEST_PIXEL_COUNT = 1_000_000;

export const SORTS = {
  '-uploaded': { label: 'Newest first', field: 'UPLOADED_AT', direction: 'DESC' },
  uploaded: { label: 'Oldest first', field: 'UPLOADED_AT', direction: 'ASC' },
  name: { label: 'Name, A to Z', field: 'NAME', direction: 'ASC' },
  '-name': { label: 'Name, Z to A', field: 'NAME', direction: 'DESC' },
  '-width': { label: 'Widest first', field: 'WIDTH', direction: 'DESC' },
  width: { label: 'Narrowest first', field: 'WIDTH', direction: 'ASC' },
  '-height': { label: 'Tallest first', field: 'HEIGHT', direction: 'DESC' },
  height: { label: 'Lowest first', field: 'HEIGHT', direction: 'ASC' },
  '-size': { label: 'Largest file first', field: 'BYTE_SIZE', direction: 'DESC' },
  size: { label: 'Smallest file first', field: 'BYTE_SIZE', direction: 'ASC' },
};
const DEFAULT_SORT = '-uploaded';

const PIXELS = { minWidth: 'min-width', maxWidth: 'max-width', minHeight: 'min-height', maxHeight: 'max-height' };

/** @returns {number | undefined} */
function pixels(text) {
  return /^\d{1,7}$/.test(text ?? '') ? Math.min(Number(text), LARGEST_PIXEL_COUNT) : undefined;
}

/** Tags are case-preserving here; what is the same tag is the server's business. */
export function tagList(text) {
  return [...new Set((text ?? '').split(',').map((tag) => tag.trim()).filter(Boolean))];
}

function withoutEmpty(object) {
  const kept = ([, value]) => value && (!Array.isArray(value) || value.length > 0);
  return Object.fromEntries(Object.entries(object).filter(kept));
}

/** @param {{get(name: string): string | null}} params - of an address or of the filter form */
export function filterFrom(params) {
  const bounds = Object.entries(PIXELS).map(([field, name]) => [field, pixels(params.get(name))]);
  return withoutEmpty({
    text: params.get('q'),
    tags: tagList(params.get('tags')),
    type: params.get('type'),
    deleted: Boolean(params.get('deleted')),
    ...Object.fromEntries(bounds),
  });
}

/** @returns {Route} */
export function parse({ pathname, search }) {
  const image = /^\/images\/([^/]+)$/.exec(pathname);
  if (image) return { view: 'image', id: decodeURIComponent(image[1]) };
  const params = new URLSearchParams(search);
  const sort = params.get('sort');
  return {
    view: 'gallery',
    filter: filterFrom(params),
    sort: Object.hasOwn(SORTS, sort ?? '') ? sort : DEFAULT_SORT,
    ...withoutEmpty({ after: params.get('after'), before: params.get('before') }),
  };
}

/** @param {Route} route */
export function format(route) {
  if (route.view === 'image') return `/images/${encodeURIComponent(route.id)}`;
  const { filter, sort, after, before } = route;
  const bounds = Object.entries(PIXELS).map(([field, name]) => [name, filter[field]]);
  const params = new URLSearchParams(withoutEmpty({
    q: filter.text,
    tags: filter.tags?.join(','),
    type: filter.type,
    ...Object.fromEntries(bounds),
    deleted: filter.deleted ? '1' : '',
    sort: sort === DEFAULT_SORT ? '' : sort,
    after,
    before,
  }));
  return params.size > 0 ? `/?${params}` : '/';
}

/** @param {Filter} filter @param {Partial<GalleryRoute>} more */
export function gallery(filter = {}, more = {}) {
  return { view: 'gallery', filter, sort: DEFAULT_SORT, ...more };
}

/** Is anything filtered at all? Looking at what was deleted is a place, not a filter. */
export function isFiltered({ deleted, ...filter }) {
  return Object.keys(withoutEmpty(filter)).length > 0;
}

function range(gte, lte) {
  return gte || lte ? withoutEmpty({ gte, lte }) : undefined;
}

/** The variables of the query for this route's page, whichever way it goes. @param {GalleryRoute} route */
export function queryVariables({ filter, sort, after, before }) {
  const { field, direction } = SORTS[sort];
  return {
    size: PAGE_SIZE,
    cursor: before ?? after,
    orderBy: { field, direction },
    filter: {
      deleted: Boolean(filter.deleted),
      ...withoutEmpty({
        text: filter.text?.trim(),
        tags: filter.tags,
        mediaType: filter.type && [filter.type],
        width: range(filter.minWidth, filter.maxWidth),
        height: range(filter.minHeight, filter.maxHeight),
      }),
    },
  };
}
