/** Fetches what the state wants: one request at a time for the page, one for the picture. */

import { NEXT_IMAGES, ONE_IMAGE, PREVIOUS_IMAGES } from './documents.js';
import { request } from './graphql.js';
import { queryVariables } from './route.js';

/** However many events arrive, a page that is already shown is not fetched more often. */
const REFRESH_AT_MOST_EVERY = 300;

export function createLoader({ state: current, dispatch }) {
  let refreshedAt = 0;
  let appointment;

  async function loadPage({ route, page: { key } }) {
    dispatch({ type: 'PageRequested' });
    try {
      const document = route.before ? PREVIOUS_IMAGES : NEXT_IMAGES;
      const { images: connection } = await request(document, queryVariables(route));
      dispatch({ type: 'PageArrived', key, connection });
    } catch (failure) {
      dispatch({ type: 'PageFailed', key, failure });
    }
  }

  async function loadPicture({ picture: { id } }) {
    dispatch({ type: 'PictureRequested' });
    try {
      const { image, images: { asOf } } = await request(ONE_IMAGE, { id });
      dispatch({ type: 'PictureArrived', id, image, asOf: image?.asOf ?? asOf });
    } catch (failure) {
      const { code, data } = failure;
      dispatch(code === 'INVALID_ID'
        ? { type: 'PictureArrived', id, image: null, asOf: data.images.asOf }
        : { type: 'PictureFailed', id, failure });
    }
  }

  function pageIsDue({ page }) {
    const wait = refreshedAt + REFRESH_AT_MOST_EVERY - performance.now();
    if (page.shown !== page.key || wait <= 0) return true;
    appointment ??= setTimeout(keepAppointment, wait);
    return false;
  }

  function keepAppointment() {
    appointment = undefined;
    load();
  }

  function load() {
    const state = current();
    const { route, page, picture } = state;
    if (route.view === 'image' && picture.wanted && !picture.loading) loadPicture(state);
    if (route.view !== 'gallery' || !page.wanted || page.loading || !pageIsDue(state)) return;
    refreshedAt = performance.now();
    loadPage(state);
  }

  return load;
}
