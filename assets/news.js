// Asks the studio whether there is news, and presses a hidden button when there is: only then Gradio has to go through its
// components. Its own timer does that at every tick, in the browser and in the program, on the computer that also teaches.
() => {
  const EVERY = 700; // milliseconds
  const { root, api_prefix } = window.gradio_config;
  const open = { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"data": [], "session_hash": "news"}' };
  let told; // the news that the page has been told

  const ask = async (button) => {
    let news = null; // nobody answers: then Gradio shall find out, too, and wait for the studio to come back
    try {
      news = (await (await fetch(`${root}${api_prefix}/run/news`, open)).json()).data[0];
    } catch {}
    if (news === told && news !== null) return;
    // of a list that a person has open the page does not hear yet
    told = document.querySelector("[role=combobox][aria-expanded=true]") ? undefined : news;
    button.click();
  };
  const again = async () => {
    const button = document.getElementById("news"); // it has no text before the page is open, with what its person had written
    if (!document.hidden && button?.textContent.trim()) await ask(button);
    setTimeout(again, EVERY);
  };
  again();
};
