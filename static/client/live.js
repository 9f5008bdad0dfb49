/** The one subscription: told of every event, resumed where it stopped, never polled. */

import { createClient } from './vendor/graphql-ws/client.js';
import { EVENTS } from './documents.js';
import { ENDPOINT, freshId } from './graphql.js';

const PING_EVERY = 10_000;
const PONG_WITHIN = 5_000;
const LONGEST_WAIT = 10_000;
/** Items that come within one frame are one message: catching up with thousands stays quick. */
const GATHER = 16;
const TIMED_OUT = 4408;
/** The log is not the one that the cursor was issued for: all is asked anew. */
const FOREIGN = new Set(['INVALID_CURSOR', 'CURSOR_OF_ANOTHER_STORE', 'CURSOR_BEYOND_HEAD']);

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const backOff = (attempt) => pause(Math.min(300 * 2 ** attempt, LONGEST_WAIT) * (0.75 + Math.random() / 2));

/** @param {{state: () => object, dispatch: (message: object) => void}} store */
export function goLive(store) {
  let subscribed = false;
  let gathered = [];

  const client = createClient({
    url: Object.assign(new URL(ENDPOINT, location.href), { protocol: location.protocol.replace('http', 'ws') }).href,
    lazy: false,
    generateID: freshId,
    keepAlive: PING_EVERY,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: backOff,
    onNonLazyError: () => undefined,
    on: {
      connected: () => store.dispatch({ type: 'Connected' }),
      closed: () => store.dispatch({ type: 'Disconnected' }),
      ...silenceDetector(),
    },
  });

  function tell() {
    const items = gathered;
    gathered = [];
    if (items.length > 0) store.dispatch({ type: 'ItemsArrived', items });
  }

  function gather(item) {
    if (gathered.push(item) === 1) setTimeout(tell, GATHER);
  }

  async function stop(errors) {
    tell();
    const code = Array.isArray(errors) ? errors[0]?.extensions?.code : undefined;
    await pause(LONGEST_WAIT / 10);
    subscribed = false;
    store.dispatch({ type: FOREIGN.has(code) ? 'CursorRefused' : 'SubscriptionEnded' });
  }

  /** Waits for the first answer that says as of when it was true: no event is missed or told twice. */
  return function followLog() {
    if (subscribed || !store.state().cursor) return;
    subscribed = true;
    const variables = {
      get after() {
        tell();
        return store.state().cursor;
      },
    };
    let problem;
    const dispose = client.subscribe({ query: EVENTS, variables }, {
      next({ data, errors }) {
        if (data?.events) return gather(data.events);
        problem = errors;
        dispose();
      },
      error: stop,
      complete: () => stop(problem),
    });
  };
}

/** A connection can die without a word; a ping that stays unanswered is taken for that. */
function silenceDetector() {
  let socket;
  let alarm;
  return {
    opened: (opened) => {
      clearTimeout(alarm);
      socket = opened;
    },
    ping: (received) => {
      if (!received) alarm = setTimeout(() => socket.close(TIMED_OUT, 'No answer to a ping'), PONG_WITHIN);
    },
    pong: (received) => {
      if (received) clearTimeout(alarm);
    },
  };
}
