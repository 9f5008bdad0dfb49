/** Shortcuts. Single letters can be switched off: they get in the way of speech input. */

const SWITCH = 'darkroom.letters';

export const SHORTCUTS = [
  { keys: ['/'], text: 'Search', letter: true },
  { keys: ['u'], text: 'Upload files', letter: true },
  { keys: ['e'], text: 'Edit the image shown', letter: true },
  { keys: ['?'], text: 'Show these shortcuts', letter: true },
  { keys: ['Ctrl Z'], text: 'Undo the latest change of the image shown' },
  { keys: ['Ctrl Shift Z'], text: 'Redo it' },
  { keys: ['←', '→'], text: 'Previous or next image' },
  { keys: ['Esc'], text: 'Close a dialog or a step, or go back to the gallery' },
];

export const lettersAreOn = () => localStorage.getItem(SWITCH) !== 'off';

export const switchLetters = (on) => localStorage.setItem(SWITCH, on ? 'on' : 'off');

const isTyping = (target) => target.closest?.('input, select, textarea, [contenteditable]');

/** The key with what is held beside it, such as `Ctrl+Shift+z`; on a Mac the Command key is its Ctrl. */
function combination({ key, ctrlKey, metaKey, shiftKey }) {
  return ctrlKey || metaKey ? `Ctrl+${shiftKey ? 'Shift+' : ''}${key.toLowerCase()}` : key;
}

/** @param {Record<string, () => void>} actions - by key */
export function listen(actions) {
  document.addEventListener('keydown', (event) => {
    if (event.altKey || event.defaultPrevented || isTyping(event.target)) return;
    if (document.querySelector('dialog[open], :popover-open')) return;
    const key = combination(event);
    if (!Object.hasOwn(actions, key) || (key.length === 1 && !lettersAreOn())) return;
    if (actions[key]() !== false) event.preventDefault();
  });
}
