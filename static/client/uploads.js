/** Files on their way to the server: a few at a time, each with a command id of its own. */

import { UPLOAD } from './documents.js';
import { ACCEPT, ENDPOINT, Failure, accepted, freshId, read } from './graphql.js';
import { isSending } from './state.js';

const AT_ONCE = 3;
const LARGEST_PREVIEW = 20_000_000;

/** A fetch cannot tell how much of its body has left. */
function post(body, request, onProgress) {
  return new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 1);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = () => reject(Failure.unreachable());
    request.open('POST', ENDPOINT);
    request.setRequestHeader('Accept', ACCEPT);
    request.setRequestHeader('GraphQL-Require-Preflight', '1');
    request.send(body);
  });
}

/** The GraphQL multipart request: its parts must come in this order. */
function multipart(file, commandId) {
  const body = new FormData();
  const variables = { input: { file: null, name: file.name, commandId } };
  body.append('operations', JSON.stringify({ query: UPLOAD, variables }));
  body.append('map', JSON.stringify({ 0: ['variables.input.file'] }));
  body.append('0', file, file.name);
  return body;
}

export function createUploads({ state: current, dispatch }) {
  /** @type {Map<string, {file: File, commandId: string, preview?: string, request?: XMLHttpRequest}>} */
  const parcels = new Map();

  function choose(files) {
    const uploads = Array.from(files, (file) => {
      const key = freshId();
      const showable = file.type.startsWith('image/') && file.size <= LARGEST_PREVIEW;
      const preview = showable ? URL.createObjectURL(file) : undefined;
      parcels.set(key, { file, commandId: freshId(), preview });
      return { key, name: file.name, size: file.size, preview };
    });
    dispatch({ type: 'FilesChosen', uploads });
  }

  async function send(key) {
    const parcel = parcels.get(key);
    const request = new XMLHttpRequest();
    parcel.request = request;
    dispatch({ type: 'UploadStarted', key });
    try {
      const { status, text } = await post(multipart(parcel.file, parcel.commandId), request, (sent) =>
        dispatch({ type: 'UploadProgressed', key, sent }));
      const { image, duplicate } = accepted(read(status, text).uploadImage);
      dispatch({ type: 'UploadStored', key, image, duplicate });
    } catch ({ message, passing }) {
      dispatch({ type: passing ? 'UploadFailed' : 'UploadRefused', key, message });
    }
  }

  function remove(key) {
    const { preview, request } = parcels.get(key);
    parcels.delete(key);
    dispatch({ type: 'UploadRemoved', key });
    request?.abort();
    if (preview) URL.revokeObjectURL(preview);
  }

  function removeEnded() {
    const ended = current().uploads.filter((upload) => !isSending(upload));
    ended.forEach(({ key }) => remove(key));
  }

  /** Starts what waits as soon as there is room; the same command id makes another try safe. */
  function pump() {
    const { uploads } = current();
    const busy = uploads.filter(({ status }) => status === 'sending' || status === 'checking').length;
    const next = busy < AT_ONCE && uploads.find(({ status }) => status === 'waiting');
    if (next) send(next.key);
  }

  const retry = (key) => dispatch({ type: 'UploadRetried', key });

  return { choose, retry, remove, removeEnded, pump };
}
