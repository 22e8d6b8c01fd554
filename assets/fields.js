// Hides new fields until Gradio has filled them. It creates the fields of a tab or a fold when that is first opened, and sets their
// values once more one or two frames later, on a busy computer whole seconds: what a person had typed by then would be lost.
() => {
  const FRAMES = 3;
  const FIELD = ".block:has(input, textarea)";

  const frame = () => new Promise(requestAnimationFrame);
  const loaded = (async () => {
    while (!document.getElementById("news")?.textContent.trim()) await frame(); // see news.js
  })();

  const hide = async (field) => {
    field.dataset.filling = "";
    await loaded;
    for (let passed = 0; passed < FRAMES; passed++) await frame();
    delete field.dataset.filling;
  };
  const look = (node) => {
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    if (node.matches(FIELD)) hide(node);
    else node.querySelectorAll(FIELD).forEach(hide);
  };
  look(document.body);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) addedNodes.forEach(look);
  }).observe(document.body, { childList: true, subtree: true });
};
