/** Steps on trial: the picture that they make, of which nothing is recorded. */

import { TRIAL } from '../documents.js';
import { Failure, request } from '../graphql.js';

/** At most so wide is what the stage shows: enough for a large screen, and made in an instant. */
const PREVIEW_WIDTH = 1600;

/** The picture after the steps, once it is here; `input` is what the draft's step begins with. */
export async function tryOut({ id, own, steps, afterSteps }, signal) {
  const variables = { id, width: PREVIEW_WIDTH, steps: own ? null : steps, afterSteps };
  const { image } = await request(TRIAL, variables, signal);
  const { url, width, height } = await loaded(image.preview, signal);
  // Not made smaller, it tells its size more exactly than the server, which does not look at pixels.
  return { url, width, height, input: width < PREVIEW_WIDTH ? { width, height } : image.dimensions };
}

/** Fetched first, for the sake of the reason where it is refused; then it is in the browser's cache. */
async function loaded(url, signal) {
  const response = await fetch(url, { signal }).catch(() => {
    throw Failure.unreachable();
  });
  if (!response.ok) {
    const { code, message } = await response.json();
    throw new Failure(message, { code, passing: response.status === 503 });
  }
  await response.blob();
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  return { url, width: picture.naturalWidth, height: picture.naturalHeight };
}
