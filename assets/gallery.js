// The cards of My concepts and of Pictures: a copy of each stands in its list's label with its id. The search of My concepts hides
// labels. Long lists, there and on Model, show that they go on.
() => {
  const everything = { words: [], model: "" };
  const asked = { library: { ...everything }, picture: everything };

  const drawAll = () => {
    draw("picture");
    const { shown, labels } = draw("library");
    const none = document.getElementById("library-none");
    if (none) none.hidden = shown > 0 || !labels.length;
  };

  const draw = (page) => {
    const { words, model } = asked[page];
    const cards = new Map([...document.querySelectorAll(`#${page}-cards > .ls-item`)].map((card) => [card.dataset.id, card]));
    let shown = 0;
    const labels = document.querySelectorAll(`#${page}-list label`);
    for (const label of labels) {
      const card = cards.get(label.querySelector("input").value);
      if (!card) continue;
      const present = label.querySelector(".ls-item");
      if (present?.outerHTML !== card.outerHTML) {
        present?.remove();
        label.append(card.cloneNode(true));
      }
      const found = words.every((word) => card.dataset.words.includes(word));
      label.hidden = !found || (model !== "" && card.dataset.model !== model);
      shown += !label.hidden;
    }
    edges();
    return { shown, labels };
  };

  // a list that goes on below its edge shows it (.ls-more)
  const more = (list) => list.classList.toggle("ls-more", list.scrollHeight - list.scrollTop - list.clientHeight > 8);
  const edges = () => document.querySelectorAll(".ls-shelf .wrap").forEach(more);
  document.addEventListener("scroll", ({ target }) => target.matches?.(".ls-shelf .wrap") && more(target), true);
  addEventListener("resize", edges);

  window.lineasFilter = (words, model) => {
    asked.library = { words: (words || "").toLowerCase().split(/\s+/).filter(Boolean), model: model || "" };
    drawAll();
  };
  // Gradio draws the list and the cards anew whenever they change, and for the first time when their tab is opened
  const lists = ".ls-shelf, #library-list, #picture-list";
  const mine = `${lists}, #library-cards, #picture-cards`;
  const concerns = ({ target, addedNodes }) =>
    target.closest(`${lists}, .ls-stored`) || [...addedNodes].some((node) => node.querySelector?.(mine));
  let due = 0;
  const observer = new MutationObserver((changes) => {
    if (changes.some(concerns)) due ||= requestAnimationFrame(() => ((due = 0), drawAll()));
  });
  observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-testid"] });
};
