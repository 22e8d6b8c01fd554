// Shows an answer that was decoded ahead at the moment when the slider gets to its strength, or a button below it is pressed. The
// studio is asked as always, and its answer, which is the same, takes the place of this one.
() => {
  const EVERY = 700; // milliseconds
  const MOST = 60; // times that are looked for more
  const { root, api_prefix } = window.gradio_config;
  const known = new Map(); // question → { panels: HTML by strength, looks }
  const panel = () => document.querySelector("#steered-output section[data-ahead]");
  const live = () => document.querySelector("#live input")?.checked;

  const look = async (key) => {
    // one session for all pages in a language, since a session keeps its language
    const body = JSON.stringify({ data: [key], session_hash: `ahead-${document.documentElement.lang}` });
    const request = { method: "POST", headers: { "Content-Type": "application/json" }, body };
    const { data } = await (await fetch(`${root}${api_prefix}/run/ahead`, request)).json();
    Object.assign(known.get(key).panels, data[0]);
  };
  const again = async () => {
    const section = panel();
    const key = section?.dataset.ahead;
    if (key && live() && !document.hidden && section.getAttribute("aria-busy") === "false") {
      if (!known.has(key)) known.clear(), known.set(key, { panels: {}, looks: 0 });
      if (known.get(key).looks++ < MOST) await look(key).catch(() => {});
    }
    setTimeout(again, EVERY);
  };
  again();

  const show = (strength) => {
    const section = panel();
    const found = known.get(section?.dataset.ahead)?.panels[strength];
    if (!found || !live()) return;
    const shown = new DOMParser().parseFromString(found, "text/html").querySelector("section");
    section.setAttribute("aria-label", shown.getAttribute("aria-label"));
    section.setAttribute("aria-busy", "false");
    section.replaceChildren(...shown.childNodes);
    known.get(section.dataset.ahead).looks = 0; // there will be other neighbours
  };
  document.addEventListener("input", ({ target }) => {
    if (target.closest?.("#strength")) show(Number(target.value));
  });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.(".ls-strengths button"); // its id is "strength-0-5"
    if (button) show(Number(button.id.replace("strength-", "").replace("-", ".")));
  });
};
