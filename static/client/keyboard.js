/** Shortcuts. Single letters can be switched off: they get in the way of speech input. */

const SWITCH = 'darkroom.letters';

export const SHORTCUTS = [
  { keys: ['/'], text: 'Search', letter: true },
  { keys: ['u'], text: 'Upload files', letter: true },
  { keys: ['e'], text: 'Edit the image shown', letter: true },
  { keys: ['?'], text: 'Show these shortcuts', letter: true },
  { keys: ['←', '→'], text: 'Previous or next image' },
  { keys: ['Esc'], text: 'Close a dialog or a step, or go back to the gallery' },
];

export const lettersAreOn = () => localStorage.getItem(SWITCH) !== 'off';

export const switchLetters = (on) => localStorage.setItem(SWITCH, on ? 'on' : 'off');

const isTyping = (target) => target.closest?.('input, select, textarea, [contenteditable]');

/** @param {Record<string, () => void>} actions - by key */
export function listen(actions) {
  document.addEventListener('keydown', (event) => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey || event.defaultPrevented || isTyping(target)) return;
    if (document.querySelector('dialog[open], :popover-open')) return;
    if (!Object.hasOwn(actions, key) || (key.length === 1 && !lettersAreOn())) return;
    if (actions[key]() !== false) event.preventDefault();
  });
}
