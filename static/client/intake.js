/** Files that are dropped on the page or pasted into it. */

const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes('Files');

/** A folder cannot be read as a file; what is in it would have to be dropped itself. */
const isFile = (item) => item.kind === 'file' && !item.webkitGetAsEntry?.()?.isDirectory;

/** @param {{choose: (files: File[]) => void, dragMoved: (dropping: boolean) => void}} actions */
export function takeIn({ choose, dragMoved }) {
  addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    dragMoved(true);
  });
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) dragMoved(false);
  });
  addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    dragMoved(false);
    choose(Array.from(event.dataTransfer.items).filter(isFile).map((item) => item.getAsFile()));
  });
  addEventListener('paste', ({ clipboardData }) => {
    if (clipboardData?.files.length > 0) choose(Array.from(clipboardData.files));
  });
}
