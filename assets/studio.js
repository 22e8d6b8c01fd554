// Copy buttons, arrow keys in lists, and what this browser remembers: light or dark, and offers that were declined.
() => {
  const KEY = "lineas-theme";
  const theme = localStorage.getItem(KEY);
  if (theme) document.body.classList.toggle("dark", theme === "dark");

  // offers that were declined, for good
  const DISMISSED = "lineas-dismissed-";
  window.lineasDismiss = (offer) => {
    localStorage.setItem(DISMISSED + offer, "yes");
    document.body.classList.add(`ls-no-${offer}`);
  };
  if (localStorage.getItem(`${DISMISSED}better`)) window.lineasDismiss("better");

  const copy = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const box = document.createElement("textarea"); // there is no clipboard API over plain http from another computer
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  };

  // Gradio gives every radio button another name, and a new one whenever it is drawn, so that they form no group and the arrow keys
  // do nothing. One name for each list, set before the browser handles the key, makes the keys work.
  const grouped = () =>
    document.querySelectorAll("fieldset").forEach((list, number) =>
      list.querySelectorAll("input[type=radio]").forEach((button) => (button.name = `list-${number}`)),
    );
  document.addEventListener(
    "keydown",
    (event) => {
      if (/^(Tab|Arrow)/.test(event.key)) grouped();
      // Gradio's list would open again at the key that leaves it, and stay open over the page
      if (event.key === "Tab" && event.target.role === "combobox") event.stopPropagation();
    },
    true,
  );

  // what a button did, in its own words, for a moment
  const say = (button, words) => {
    const label = button.textContent;
    button.textContent = words;
    setTimeout(() => (button.textContent = label), 1500);
  };

  window.lineasLink = async ({ query, copied }) => {
    await copy(`${location.origin}${location.pathname}${query ? `?${query}` : ""}`);
    say(document.getElementById("share-button"), copied);
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy], [data-theme-toggle]");
    if (!button) return;
    if (button.hasAttribute("data-theme-toggle")) {
      const dark = document.body.classList.toggle("dark");
      localStorage.setItem(KEY, dark ? "dark" : "light");
      return;
    }
    await copy(button.closest(".ls-answer").querySelector(".ls-text").textContent);
    say(button, button.dataset.copied);
  });
};
