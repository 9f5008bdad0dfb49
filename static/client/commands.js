/** What a person can do to an image. */

import { DELETE, DESCRIBE, RESTORE } from './documents.js';
import { accepted, freshId, request } from './graphql.js';
import { tagList } from './route.js';

async function command(document, field, input) {
  const data = await request(document, { input: { ...input, commandId: freshId() } });
  return accepted(data[field]).image;
}

export function createCommands({ state: current, dispatch }) {
  async function save(form) {
    const { image, version, saving } = current().dialog;
    if (saving) return false;
    const fields = new FormData(form);
    dispatch({ type: 'SaveRequested' });
    try {
      const saved = await command(DESCRIBE, 'describeImage', {
        id: image.id,
        name: fields.get('name'),
        description: fields.get('description'),
        tags: tagList(fields.get('tags')),
        expectedVersion: version,
      });
      dispatch({ type: 'ImageSaved', image: saved });
      return true;
    } catch ({ errors }) {
      dispatch({ type: 'SaveRefused', errors });
      return false;
    }
  }

  async function perform(type, document, field, id) {
    try {
      dispatch({ type, image: await command(document, field, { id }) });
      return true;
    } catch ({ message }) {
      dispatch({ type: 'ActionFailed', text: message });
      return false;
    }
  }

  return {
    save,
    remove: (id) => perform('ImageDeleted', DELETE, 'deleteImage', id),
    restore: (id) => perform('ImageRestored', RESTORE, 'restoreImage', id),
  };
}
