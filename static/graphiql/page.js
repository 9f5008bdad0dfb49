/** GraphiQL with files of its own: queries by fetch, subscriptions by graphql-transport-ws. */

import { createClient } from '/static/client/vendor/graphql-ws/client.js';

const ENDPOINT = '/graphql';

const UPLOAD = `# Files travel as a GraphQL multipart request, which GraphiQL cannot send. From a shell:
#
#   curl ${location.origin}${ENDPOINT} -H 'GraphQL-Require-Preflight: 1' \\
#     -F operations='{"query": "mutation ($file: Upload!) { uploadImage(input: {file: $file}) { image { id } duplicate userErrors { code message } } }", "variables": {"file": null}}' \\
#     -F map='{"0": ["variables.file"]}' \\
#     -F 0=@picture.jpg
#
# What is made of each upload:

query HowToUpload {
  presets { name description mediaType }
}
`;

const IMAGES = `query Images {
  images(first: 10, filter: { width: { gte: 100 } }, orderBy: { field: UPLOADED_AT, direction: DESC }) {
    totalCount
    asOf
    nodes {
      id
      name
      tags
      original { url width height byteSize }
      renditions { preset state url }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const EVENTS = `# Runs until it is stopped. Give \`after: "…"\` a cursor to be told everything since.
subscription Events {
  events {
    __typename
    cursor
    ... on Event {
      type
      recordedAt
    }
    ... on ImageEvent {
      image { id name }
    }
  }
}
`;

const socket = createClient({
  url: Object.assign(new URL(ENDPOINT, location.href), { protocol: location.protocol.replace('http', 'ws') }).href,
  retryAttempts: Infinity,
});

function isSubscription(document, operationName) {
  const operations = document?.definitions.filter(({ kind }) => kind === 'OperationDefinition') ?? [];
  const asked = operations.find(({ name }) => name?.value === operationName) ?? operations[0];
  return asked?.operation === 'subscription';
}

async function ask(parameters) {
  const response = await fetch(ENDPOINT, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json' },
    body: JSON.stringify(parameters),
  });
  return response.json();
}

const fetcher = (parameters, { documentAST } = {}) =>
  isSubscription(documentAST, parameters.operationName) ? socket.iterate(parameters) : ask(parameters);

const { React, ReactDOM, GraphiQL } = globalThis;
ReactDOM.createRoot(document.querySelector('#graphiql')).render(React.createElement(GraphiQL, {
  fetcher,
  defaultTabs: [{ query: IMAGES }, { query: EVENTS }, { query: UPLOAD }],
  shouldPersistHeaders: false,
}));
