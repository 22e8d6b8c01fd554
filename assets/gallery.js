// The cards of My concepts: a copy of each stands in the list's label with its id, and the search hides labels. Long lists, there
// and on Model, show that they go on.
() => {
  const asked = { words: [], model: "" };

  const draw = () => {
    const cards = new Map([...document.querySelectorAll("#library-cards > .ls-item")].map((card) => [card.dataset.id, card]));
    let shown = 0;
    const labels = document.querySelectorAll("#library-list label");
    for (const label of labels) {
      const card = cards.get(label.querySelector("input").value);
      if (!card) continue;
      const present = label.querySelector(".ls-item");
      if (present?.outerHTML !== card.outerHTML) {
        present?.remove();
        label.append(card.cloneNode(true));
      }
      const found = asked.words.every((word) => card.dataset.words.includes(word));
      label.hidden = !found || (asked.model !== "" && card.dataset.model !== asked.model);
      shown += !label.hidden;
    }
    const none = document.getElementById("library-none");
    if (none) none.hidden = shown > 0 || !labels.length;
    edges();
  };

  // a list that goes on below its edge shows it (.ls-more)
  const more = (list) => list.classList.toggle("ls-more", list.scrollHeight - list.scrollTop - list.clientHeight > 8);
  const edges = () => document.querySelectorAll(".ls-shelf .wrap").forEach(more);
  document.addEventListener("scroll", ({ target }) => target.matches?.(".ls-shelf .wrap") && more(target), true);
  addEventListener("resize", edges);

  window.lineasFilter = (words, model) => {
    asked.words = (words || "").toLowerCase().split(/\s+/).filter(Boolean);
    asked.model = model || "";
    draw();
  };
  // Gradio draws the list and the cards anew whenever they change, and for the first time when their tab is opened
  const mine = ".ls-shelf, #library-cards";
  const concerns = ({ target, addedNodes }) =>
    target.closest(".ls-shelf, .ls-stored") || [...addedNodes].some((node) => node.querySelector?.(mine));
  let due = 0;
  const observer = new MutationObserver((changes) => {
    if (changes.some(concerns)) due ||= requestAnimationFrame(() => ((due = 0), draw()));
  });
  observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-testid"] });
};
