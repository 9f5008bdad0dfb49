/** Asking the server, and the one shape in which it can fail. */

export const ENDPOINT = '/graphql';
export const ACCEPT = 'application/graphql-response+json, application/json';
const PATIENCE = 30_000;
const UNREACHABLE = 'Darkroom does not answer.';

/** Refusals after which nothing was done and asking again can help. */
const PASSING = new Set(['UNAVAILABLE', 'BUSY', 'STORAGE_FULL', 'SHUTTING_DOWN']);

export class Failure extends Error {
  /**
   * @param {string} message
   * @param {{code?: string, passing?: boolean, errors?: object[], data?: object}} details
   */
  constructor(message, { code = 'UNREACHABLE', passing = false, errors = [{ code, message }], data } = {}) {
    super(message);
    Object.assign(this, { code, passing, errors, data });
  }

  static unreachable = () => new Failure(UNREACHABLE, { passing: true });
}

/** The data of an answer, or a `Failure`. @param {number} status @param {string} text */
export function read(status, text) {
  const body = parsed(text);
  const [error] = body?.errors ?? [];
  const code = error?.extensions?.code ?? `HTTP_${status}`;
  const passing = PASSING.has(code) || status >= 500 || status === 429 || status === 408;
  if (error) throw new Failure(error.message, { code, passing, data: body.data });
  if (!body?.data) throw new Failure(`${UNREACHABLE} (${status})`, { code, passing });
  return body.data;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A payload without user errors, or a `Failure` with all of them. */
export function accepted(payload) {
  const errors = payload.userErrors;
  if (errors.length === 0) return payload;
  const [{ code, message }] = errors;
  throw new Failure(message, { code, passing: PASSING.has(code), errors });
}

/** @param {AbortSignal} [signal] - of who may lose interest; the answer is then a `Failure` like any other */
export async function request(query, variables, signal) {
  let response;
  let text;
  const timeout = AbortSignal.timeout(PATIENCE);
  try {
    response = await fetch(ENDPOINT, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: ACCEPT },
      body: JSON.stringify({ query, variables }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    text = await response.text();
  } catch {
    throw Failure.unreachable();
  }
  return read(response.status, text);
}

/** Not `crypto.randomUUID`, which browsers withhold from pages served over plain HTTP. */
export function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
