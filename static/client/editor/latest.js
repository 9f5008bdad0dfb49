/** Asks for what the state wants, after a pause, and lets go of what is no longer wanted. */

const AGAIN_AFTER = 2000;

const nothing = () => {};

/**
 * @param {{wanted: (state: object) => ?object, ask: (want: object, signal: AbortSignal) => Promise<unknown>,
 *   asked?: () => void, arrived: (found: unknown) => void, failed?: (failure: Error) => void, unwanted?: () => void,
 *   pause?: number}} of - `pause` in milliseconds
 * @returns {(state: object) => void} to be called whenever the state has changed
 */
export function latest({ wanted, ask, asked = nothing, arrived, failed = nothing, unwanted = nothing, pause = 0 }) {
  let key = 'null';
  let timer;
  let interest = new AbortController();

  function follow(state) {
    const want = wanted(state);
    const before = key;
    key = JSON.stringify(want);
    if (key === before) return;
    interest.abort();
    clearTimeout(timer);
    interest = new AbortController();
    if (want) askAfter(before === 'null' ? 0 : pause, want, interest.signal);
    else unwanted();
  }

  function askAfter(milliseconds, want, signal) {
    timer = setTimeout(() => answered(want, signal), milliseconds);
  }

  async function answered(want, signal) {
    asked();
    try {
      const found = await ask(want, signal);
      if (!signal.aborted) arrived(found);
    } catch (failure) {
      if (signal.aborted) return;
      failed(failure);
      if (failure.passing) askAfter(AGAIN_AFTER, want, signal);
    }
  }

  return follow;
}
