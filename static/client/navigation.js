/** Addresses, the way back, and the scroll position that belongs to each of them. */

import { format, gallery, parse } from './route.js';

const SETTLED = 100;

export function createNavigation({ state: current, dispatch }) {
  /** What the next rendering should do once there is something to scroll to or to focus. */
  let arrival = { scroll: history.state?.scroll ?? 0 };
  let scrolling;

  const remember = (more) => history.replaceState({ ...history.state, ...more }, '');

  function go(route, { replace = false, stay = false } = {}) {
    const from = current().route;
    const inside = replace ? history.state?.inside : from.view === 'gallery';
    if (!replace) remember({ scroll: scrollY });
    document.querySelector('#status')?.hidePopover();
    history[replace ? 'replaceState' : 'pushState']({ inside, scroll: 0 }, '', format(route));
    arrival = stay ? null : { scroll: 0, focus: 'h1' };
    dispatch({ type: 'Navigated', route });
  }

  /** Back to where the gallery was left, if it was left from there. */
  function leaveImage() {
    if (history.state?.inside) history.back();
    else go(gallery());
  }

  function returned({ state }) {
    const from = current().route;
    const focus = from.view === 'image' ? `[data-image="${CSS.escape(from.id)}"]` : null;
    arrival = { scroll: state?.scroll ?? 0, focus };
    dispatch({ type: 'Navigated', route: parse(location) });
  }

  function followed(event) {
    const link = event.target.closest?.('a[href]');
    const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !isPlain || link.hash || link.hasAttribute('download') || link.target || link.origin !== location.origin) return;
    if (link.pathname !== '/' && !/^\/images\/[^/]+$/.test(link.pathname)) return;
    event.preventDefault();
    if (link.dataset.go === 'back' && history.state?.inside) return leaveImage();
    go(parse(link), { replace: link.dataset.go === 'replace' });
  }

  function rendered() {
    const { route, page } = current();
    if (!arrival || (route.view === 'gallery' && page.shown !== page.key && !page.failure)) return;
    const { scroll, focus } = arrival;
    arrival = null;
    scrollTo(0, scroll);
    if (focus) (document.querySelector(focus) ?? document.querySelector('h1'))?.focus({ preventScroll: true });
  }

  history.scrollRestoration = 'manual';
  addEventListener('popstate', returned);
  document.addEventListener('click', followed);
  addEventListener('scroll', () => {
    clearTimeout(scrolling);
    scrolling = setTimeout(() => !arrival && remember({ scroll: scrollY }), SETTLED);
  }, { passive: true });

  return { go, leaveImage, rendered };
}
