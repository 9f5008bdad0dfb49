/** Everything that is ever asked of the server. */

const IMAGE = `
  fragment Whole on Image {
    id name description tags state version uploadedAt uploadedBy iiif asOf
    original { url byteSize mediaType width height sha256 frames }
    takenAt camera { make model lensMake lens } metadata { utcOffset }
    renditions { id preset state url width height byteSize mediaType failure { code message } }
    recipe { steps { number operation parameters region enabled } }
  }`;

const PAYLOAD = 'image { ...Whole } userErrors { code message field }';

const images = (direction) => `
  query Images($size: Int!, $cursor: String, $filter: ImageFilter, $orderBy: ImageOrder) {
    images(${direction}, filter: $filter, orderBy: $orderBy) {
      totalCount asOf nodes { ...Whole }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }${IMAGE}`;

export const NEXT_IMAGES = images('first: $size, after: $cursor');

export const PREVIOUS_IMAGES = images('last: $size, before: $cursor');

export const ONE_IMAGE = `query OneImage($id: ID!) { image(id: $id) { ...Whole } images(first: 1) { asOf } }${IMAGE}`;

export const UPLOAD = `
  mutation Upload($input: UploadImageInput!) { uploadImage(input: $input) { duplicate ${PAYLOAD} } }${IMAGE}`;

export const DESCRIBE = `
  mutation Describe($input: DescribeImageInput!) { describeImage(input: $input) { ${PAYLOAD} } }${IMAGE}`;

export const DELETE = `
  mutation Delete($input: DeleteImageInput!) { deleteImage(input: $input) { ${PAYLOAD} } }${IMAGE}`;

export const RESTORE = `
  mutation Restore($input: RestoreImageInput!) { restoreImage(input: $input) { ${PAYLOAD} } }${IMAGE}`;

/** A mutation of an image's recipe, by its name. */
export const edit = (field) => {
  const input = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
  return `mutation Edit($input: ${input}!) { ${field}(input: $input) { ${PAYLOAD} } }${IMAGE}`;
};

export const OPERATIONS = `
  query Operations {
    operations {
      name inputField description takesRegion
      parameters { name inputField type description unit required default neutral minimum maximum choices }
    }
  }`;

export const TRIAL = `
  query Trial($id: ID!, $width: Int!, $steps: [StepInput!], $afterSteps: Int!) {
    image(id: $id) { dimensions(afterSteps: $afterSteps) { width height } preview(width: $width, steps: $steps) }
  }`;

export const HISTOGRAM = `
  query Histogram($id: ID!, $steps: [StepInput!]!, $region: RegionInput) {
    image(id: $id) { histogram(steps: $steps, region: $region) { red green blue luminance } }
  }`;

export const PRESETS = `
  query Presets { presets { name version shownVersion mediaType quality steps { operation parameters region } } }`;

export const SAVE_PRESET = `
  mutation SavePreset($input: SavePresetInput!) { savePreset(input: $input) { userErrors { code message field } } }`;

export const REMOVE_PRESET = `
  mutation RemovePreset($input: RemovePresetInput!) { removePreset(input: $input) { userErrors { code message field } } }`;

export const TRY_REPLAY = `
  query TryReplay($name: String!) {
    presetReplay(name: $name, sample: 3) {
      preset { name version shownVersion } total toRender there deleted quarantined
      sample { image { id name } before after }
    }
  }`;

const OPERATION = 'operation { id state total changed unchanged refused failed }';

export const REPLAY_PRESET = `
  mutation ReplayPreset($input: ReplayPresetInput!) {
    replayPreset(input: $input) { ${OPERATION} userErrors { code message field } }
  }`;

export const ROLL_BACK_PRESET = `
  mutation RollBackPreset($input: RollBackPresetInput!) {
    rollBackPreset(input: $input) { userErrors { code message field } }
  }`;

export const REQUEST_RENDITION = `
  mutation RequestRendition($input: RequestRenditionInput!) {
    requestRendition(input: $input) { rendition { id state } userErrors { code message field } }
  }`;

export const EVENTS = `
  subscription Events($after: Cursor) {
    events(after: $after) {
      __typename cursor
      ... on ImageEvent { type imageId image { ...Whole } }
      ... on OperationEvent { ${OPERATION} }
    }
  }${IMAGE}`;
