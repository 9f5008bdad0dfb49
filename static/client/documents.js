/** Everything that is ever asked of the server. */

const IMAGE = `
  fragment Whole on Image {
    id name description tags state version uploadedAt uploadedBy iiif asOf
    original { url byteSize mediaType width height sha256 frames }
    renditions { id preset state url width height byteSize mediaType failure { code message } }
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

export const EVENTS = `
  subscription Events($after: Cursor) {
    events(after: $after) {
      __typename cursor
      ... on ImageEvent { type imageId image { ...Whole } }
    }
  }${IMAGE}`;
