// What the page does by itself: copy buttons, lists that obey the arrow keys, and the choice between light and dark (kept in
// this browser).
() => {
  const KEY = "lineas-theme";
  const wanted = localStorage.getItem(KEY);
  if (wanted) document.body.classList.toggle("dark", wanted === "dark");

  const copy = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const box = document.createElement("textarea"); // over plain http from another computer there is no clipboard API
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  };

  // Gradio gives every radio button a name of its own, and a new one whenever it is drawn: then none belongs to a group, and the
  // arrow keys do nothing. One name for each list, in time for the browser to see it, and the keys work as everywhere else.
  const grouped = () =>
    document.querySelectorAll("fieldset").forEach((list, number) =>
      list.querySelectorAll("input[type=radio]").forEach((button) => (button.name = `list-${number}`)),
    );
  document.addEventListener(
    "keydown",
    (event) => {
      if (/^(Tab|Arrow)/.test(event.key)) grouped();
      // Gradio's list opens again for the very key that leaves it, and stays open over the page
      if (event.key === "Tab" && event.target.role === "combobox") event.stopPropagation();
    },
    true,
  );

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy], [data-theme-toggle]");
    if (!button) return;
    if (button.hasAttribute("data-theme-toggle")) {
      const dark = document.body.classList.toggle("dark");
      localStorage.setItem(KEY, dark ? "dark" : "light");
      return;
    }
    await copy(button.closest(".ls-answer").querySelector(".ls-text").textContent);
    const label = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = label), 1500);
  });
};
