// Files dropped onto a box of sentences open as with the button below it; a concept's file is added wherever it is dropped on
// My concepts or Pictures.
() => {
  const withFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  const boxAt = (event) => event.target.closest?.("#examples > .column");
  const mark = (box) =>
    document.querySelectorAll("#examples > .column").forEach((other) => other.classList.toggle("ls-drop", other === box));

  document.addEventListener("dragover", (event) => {
    if (!withFiles(event)) return;
    event.preventDefault(); // a file dropped beside the boxes would replace the page
    mark(boxAt(event));
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget || mark(null));
  document.addEventListener("drop", (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    mark(null);
    if (event.target.closest?.("#library-import, #picture-import")) return; // Gradio's own place for it
    const concept = /\.(lineas|safetensors)$/i.test(event.dataTransfer.files[0]?.name ?? "");
    const shown = [...document.querySelectorAll("#library-import, #picture-import")].find((place) => place.offsetParent);
    const place = (concept && shown) || boxAt(event);
    const input = place?.querySelector("input[type=file]");
    if (!input || !event.dataTransfer.files.length) return;
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    input.files = one.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
};
